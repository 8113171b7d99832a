"""What a target-tracking policy makes of a metric: pure, in numbers alone.

The rules are those of AWS's guide: three datapoints above the target scale out, in
proportion; fifteen below nine tenths of it scale in; a gap in the data decides nothing;
of several policies the one that wants most decides, and scale-in needs them all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

HIGH_POINTS, LOW_POINTS = 3, 15
#: Below this part of the target a metric is low.
LOW_PART = 0.9
Side = Literal["High", "Low"]


@dataclass(frozen=True)
class Policy:
    """One target-tracking policy and what its metric was."""

    name: str
    target: float
    #: The metric per period, newest last; None where there is no data.
    datapoints: Sequence[float | None]
    #: In seconds.
    scale_out_cooldown: float = 300.0
    scale_in_cooldown: float = 300.0
    disable_scale_in: bool = False


@dataclass(frozen=True)
class Capacity:
    """A scalable target as it is."""

    current: int
    least: int
    most: int
    scale_in_suspended: bool = False
    scale_out_suspended: bool = False
    #: Seconds since the last scale-out and scale-in ended; None where there was none,
    #: or the other kind came after it.
    since_out: float | None = None
    since_in: float | None = None
    #: What the last scale-out began with.
    before_out: int = 0


@dataclass(frozen=True)
class Change:
    """A new capacity, and which alarm of which policy asked for it."""

    capacity: int
    policy: str
    side: Side


def is_high(policy: Policy) -> bool:
    """Say whether a policy's metric is above its target for long enough."""
    last = policy.datapoints[-HIGH_POINTS:]
    return len(last) == HIGH_POINTS and all(
        value is not None and value > policy.target for value in last
    )


def is_low(policy: Policy) -> bool:
    """Say whether a policy's metric is well below its target for long enough."""
    last = policy.datapoints[-LOW_POINTS:]
    return len(last) == LOW_POINTS and all(
        value is not None and value < policy.target * LOW_PART for value in last
    )


def decide(policies: Sequence[Policy], capacity: Capacity) -> Change | None:
    """Return what is to change now; None where nothing is."""
    high = [each for each in policies if is_high(each)]
    if high:
        return _scale_out(high, capacity)
    may = [each for each in policies if not each.disable_scale_in]
    if may and all(is_low(each) for each in may):
        return _scale_in(may, capacity)
    return None


def _scale_out(high: Sequence[Policy], capacity: Capacity) -> Change | None:
    """Return the largest capacity that a policy asks for.

    During its cooldown a policy counts from what was there before, so that only a
    larger need than the one that was met changes anything.
    """
    if capacity.scale_out_suspended:
        return None
    wanted = {}
    for policy in high:
        since = capacity.since_out
        cools = since is not None and since < policy.scale_out_cooldown
        base = capacity.before_out if cools else capacity.current
        values = policy.datapoints[-1:]
        wanted[policy.name] = _proportional(base, values, policy, capacity.most)
    name = max(wanted, key=lambda each: wanted[each])
    new = wanted[name]
    return Change(new, name, "High") if new > capacity.current else None


def _scale_in(low: Sequence[Policy], capacity: Capacity) -> Change | None:
    """Return the largest capacity that a policy asks for, by its busiest period."""
    since = capacity.since_in
    cools = since is not None and any(since < each.scale_in_cooldown for each in low)
    if capacity.scale_in_suspended or cools:
        return None
    current, most = capacity.current, capacity.most
    wanted = {
        each.name: _proportional(current, each.datapoints[-LOW_POINTS:], each, most)
        for each in low
    }
    name = max(wanted, key=lambda each: wanted[each])
    new = max(wanted[name], capacity.least)
    return Change(new, name, "Low") if new < capacity.current else None


def _proportional(
    base: int, values: Sequence[float | None], policy: Policy, most: int
) -> int:
    """Return what brings the largest of values to the target, at most `most`."""
    largest = max((value for value in values if value is not None), default=0.0)
    return math.ceil(min(base * largest / policy.target, most))
