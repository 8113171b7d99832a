"""What a state machine is made of, as data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

#: Seconds in an hour and in a day.
HOUR, DAY = 3600, 86400


@dataclass(frozen=True)
class State:
    """A place where a row may stand."""

    name: str
    #: What is true of a row that stands here.
    means: str
    #: Seconds after which a row here is no longer believed to move by itself.
    deadline: int | None = None
    #: What a person can do about a row that stands here for too long.
    advice: str = ""


@dataclass(frozen=True)
class Arrow:
    """A trigger that takes a row from one of `sources` to `target`."""

    trigger: str
    sources: tuple[str, ...]
    target: str
    #: Who fires it, and when.
    when: str


@dataclass(frozen=True)
class Chart:
    """The states of one kind of row, and the arrows between them."""

    #: The table whose rows it rules.
    kind: str
    initial: str
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]
    #: The states in which somebody still has to do something.
    unfinished: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the states."""
        return tuple(state.name for state in self.states)

    def state(self, name: str) -> State:
        """Return the state called `name`."""
        return next(state for state in self.states if state.name == name)

    def target(self, state: str, trigger: str) -> str | None:
        """Return where `trigger` leads from `state`; None: it is not allowed there."""
        for arrow in self.arrows:
            if arrow.trigger == trigger and state in arrow.sources:
                return arrow.target
        return None


def other(states: Iterable[State], target: str) -> tuple[str, ...]:
    """Return the name of every state but `target`: what is seen may follow on all."""
    return tuple(state.name for state in states if state.name != target)
