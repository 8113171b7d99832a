"""Legality: which state a trigger leads to."""

from contextlib import suppress
from functools import cache

from transitions import Machine, MachineError

from slipway.controller.states import CHARTS
from slipway.errors import IllegalTransitionError


class _Position:
    """Where a row stands: all that `transitions` needs of it."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def next_state(kind: str, state: str, trigger: str, row: object = None) -> str:
    """Return where `trigger` takes a `kind` in `state`; raise IllegalTransitionError.

    The error calls the `row`, if it is given, as people do.
    """
    target = _target(kind, state, trigger)
    if target is not None:
        return target
    allowed = ", ".join(
        f"{arrow.trigger} (to {arrow.target})"
        for arrow in CHARTS[kind].arrows
        if state in arrow.sources
    )
    what = f"A {kind}" if row is None else str(row)
    message = (
        f"{what} cannot {trigger!r} from {state!r}; from there it can:"
        f" {allowed or 'nothing more'}"
    )
    raise IllegalTransitionError(message)


@cache
def _target(kind: str, state: str, trigger: str) -> str | None:
    """Ask the machine where an arrow leads, once for each; None: there is no such arrow."""
    position = _Position(state)
    event = _machine(kind).events.get(trigger)
    with suppress(MachineError):
        if event is not None and event.trigger(position):
            return position.state
    return None


@cache
def _machine(kind: str) -> Machine:
    """One machine for all rows of a kind: it holds none of them."""
    chart = CHARTS[kind]
    return Machine(
        model=None,
        states=list(chart.names),
        initial=chart.initial,
        transitions=[
            {
                "trigger": arrow.trigger,
                "source": list(arrow.sources),
                "dest": arrow.target,
            }
            for arrow in chart.arrows
        ],
        auto_transitions=False,
        queued=False,
        send_event=True,
    )
