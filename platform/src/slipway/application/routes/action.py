"""One thing that the controller can be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slipway.application.requests import Asked
from slipway.application.tokens import Role
from slipway.application.views import View
from slipway.application.workspace import Workspace

#: What an action does: its answer, and for what may open something whether it did.
Function = Callable[[Workspace, Any], View | tuple[View, bool]]


@dataclass(frozen=True)
class Action:
    """One thing to ask for."""

    #: A noun and a verb: what a client generated from the document calls it.
    name: str
    #: The weakest role that may ask.
    role: Role
    method: str
    #: Below `/v1`, with the request's fields that it names.
    path: str
    asks: type[Asked]
    answers: type[View]
    function: Function
    #: The status of its answer.
    status: int = 200

    @property
    def in_path(self) -> tuple[str, ...]:
        """The request's fields that are in the path."""
        parts = self.path.split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))
