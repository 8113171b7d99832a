"""The verdict on an alarm: which state its metric's datapoints put it in.

After "Configuring how CloudWatch alarms treat missing data" of CloudWatch's guide.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["breaching", "notBreaching", "ignore", "missing"]
#: Periods that are looked at beyond those that are evaluated.
EXTRA_PERIODS = 2
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Rule:
    """When an alarm goes off."""

    #: Seconds that one datapoint stands for.
    period: int
    #: N: datapoints that are evaluated.
    periods: int
    #: M: how many of them must breach.
    breaching: int
    threshold: float
    #: A name of COMPARISONS.
    comparison: str
    missing: Missing
    #: A name of a statistic.
    statistic: str
    #: Whether a percentile of few values is taken as it is.
    low_samples: bool = True

    @property
    def range(self) -> int:
        """Periods that are looked at."""
        return self.periods + EXTRA_PERIODS

    def breaches(self, value: float) -> bool:
        """Say whether a value is beyond the threshold."""
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Datapoint:
    """One period of an alarm's metric."""

    #: Where the period begins, in seconds since the epoch.
    at: int
    #: None where nothing was measured.
    value: float | None = None
    count: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """A state, and what it rests on."""

    #: None where the alarm is to stay as it is.
    state: State | None
    #: Those evaluated, oldest first, without the missing ones.
    evaluated: Sequence[Datapoint]
    #: How many missing ones were filled in.
    filled: int


def verdict(rule: Rule, points: Sequence[Datapoint]) -> Verdict:
    """Judge the periods of the evaluation range, oldest first."""
    found = [each for each in points if each.value is not None][-rule.periods :]
    filled = rule.periods - len(found)
    return Verdict(_state(rule, points, found), found, filled)


def _state(
    rule: Rule, points: Sequence[Datapoint], found: Sequence[Datapoint]
) -> State | None:
    breaching = sum(_breaches(rule, each) for each in found)
    filled = rule.periods - len(found)
    if rule.missing == "breaching":
        breaching += filled
    if breaching >= rule.breaching:
        return "ALARM"
    certain = not filled or rule.missing in ("breaching", "notBreaching")
    if certain or any(not _breaches(rule, each) for each in found):
        return "OK"
    # All that is known breaches, or nothing is known.
    if rule.missing == "ignore":
        return None
    return "ALARM" if _old_enough(rule, points) else "INSUFFICIENT_DATA"


def _breaches(rule: Rule, point: Datapoint) -> bool:
    return point.value is not None and rule.breaches(point.value)


def _old_enough(rule: Rule, points: Sequence[Datapoint]) -> bool:
    """Say whether a breach lies as far back as datapoints to alarm."""
    older = points[: len(points) - rule.breaching + 1]
    return any(_breaches(rule, each) for each in older)
