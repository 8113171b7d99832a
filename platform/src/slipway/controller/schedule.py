"""When what is under way is looked at next: later, the more of it there is."""

from collections.abc import Callable
from dataclasses import dataclass

from slipway.controller.pace import Pace

#: The share of an account's looks that are planned ahead; commands need the rest.
_SHARE = 0.75
#: A look comes up to this share of the interval early: what began together drifts apart.
_JITTER = 0.2


@dataclass(frozen=True)
class Schedule:
    """The looks at resources that are under way."""

    #: The longest time between two looks at one of them, in seconds.
    interval: float
    #: Draws evenly from 0 to 1.
    draw: Callable[[], float]

    def after(self) -> float:
        """Return the seconds to the next look at one resource."""
        return self.interval * (1 - _JITTER * self.draw())


def schedule(pace: Pace, under_way: int) -> Schedule:
    """Return when each of so many resources is looked at, below the account's budget.

    A few are looked at as often as the environment says. Many share what the budget
    allows: a thousand are seen every 167 seconds at eight looks a second.
    """
    needed = under_way / (pace.looks * _SHARE)
    # the jitter makes intervals shorter: by half of it on average
    return Schedule(max(pace.poll_seconds, needed / (1 - _JITTER / 2)), pace.draw)
