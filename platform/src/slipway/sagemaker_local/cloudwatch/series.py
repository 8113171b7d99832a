"""A metric by periods: one sample for each that has data."""

from collections import defaultdict
from collections.abc import Iterable

from slipway.sagemaker_local.cloudwatch.evaluation import Datapoint, Rule
from slipway.sagemaker_local.cloudwatch.metric_store import Point
from slipway.sagemaker_local.cloudwatch.sample import Sample, merged
from slipway.sagemaker_local.cloudwatch.statistics import statistic

#: Alarms of longer periods move on each minute, those of shorter ones each 10 s.
_STEP, _SHORT_STEP = 60, 10


def periods(
    points: Iterable[Point], start: int, period: int, unit: str | None = None
) -> dict[int, Sample]:
    """Return the sample of each period that has data, by where it begins."""
    found: dict[int, list[Sample]] = defaultdict(list)
    for each in points:
        if unit is None or each.unit == unit:
            found[start + (each.at - start) // period * period].append(each.sample)
    return {at: merged(samples) for at, samples in sorted(found.items())}


def step(period: int) -> int:
    """Return how often an alarm of a period is evaluated, in seconds."""
    return _STEP if period >= _STEP else _SHORT_STEP


def evaluated_range(rule: Rule, now: float) -> tuple[int, int]:
    """Return the begin and the end of what an alarm looks at: whole periods only."""
    end = int(now) // step(rule.period) * step(rule.period)
    return end - rule.range * rule.period, end


def datapoints(
    rule: Rule, points: Iterable[Point], now: float, unit: str | None
) -> list[Datapoint]:
    """Return every period of an alarm's range, oldest first."""
    start, end = evaluated_range(rule, now)
    found = periods(points, start, rule.period, unit)
    return [
        _datapoint(rule, at, found.get(at)) for at in range(start, end, rule.period)
    ]


def _datapoint(rule: Rule, at: int, sample: Sample | None) -> Datapoint:
    if sample is None:
        return Datapoint(at)
    return Datapoint(at, statistic(sample, rule.statistic), sample.count)
