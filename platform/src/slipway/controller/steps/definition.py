"""What a step is: how its digest is made, how it is done, whether its outputs stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from slipway.controller.context import Context, Request

Outputs = Mapping[str, Any]


class Moves(Enum):
    """What of its model a step moves, one run at a time."""

    #: Equal steps of other runs wait for it, and take its outputs.
    NOTHING = "nothing"
    VERSIONS = "versions"
    SERVING = "serving"


@dataclass(frozen=True)
class Task:
    """A step in its run: everything that its functions are given."""

    context: Context
    request: Request
    run_id: str
    #: The outputs of the steps before it, by their names.
    done: Mapping[str, Outputs]
    #: Of everything that this step reads; empty while it is being made.
    digest: str = ""
    #: Whether outputs of an equal step were lost: a new job is needed.
    again: bool = False

    def key(self, step: str) -> str:
        """Return what names the step's operation, whichever run asks for it."""
        environment = self.context.settings.environment.name
        return f"{environment}/{self.context.spec.name}/{step}/{self.digest}"


@dataclass(frozen=True)
class Definition:
    """A kind of step."""

    name: str
    #: Everything that decides the outputs, as a JSON value.
    reads: Callable[[Task], object]
    #: Does the work and returns the outputs.
    perform: Callable[[Task], Outputs]
    #: Whether outputs of an earlier run can be used.
    stands: Callable[[Task, Outputs], bool]
    #: One line about the outputs, for people.
    note: Callable[[Outputs], str]
    moves: Moves = Moves.NOTHING
