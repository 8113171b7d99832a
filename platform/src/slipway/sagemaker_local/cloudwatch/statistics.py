"""CloudWatch's statistics of a sample."""

import re
from collections.abc import Callable, Mapping

from slipway.sagemaker_local.cloudwatch.sample import Sample

#: By name, what is asked for by `Statistic`.
STATISTICS: Mapping[str, Callable[[Sample], float]] = {
    "SampleCount": lambda each: each.count,
    "Average": lambda each: each.total / each.count,
    "Sum": lambda each: each.total,
    "Minimum": lambda each: each.low,
    "Maximum": lambda each: each.high,
}
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{1,10})?)")
_WHOLE = 100


def percentile_of(name: str) -> float | None:
    """Return the share, from 0 to 100, that `p99.9` asks for; None for another name."""
    match = _PERCENTILE.fullmatch(name)
    share = float(match[1]) if match else -1.0
    return share if 0 <= share <= _WHOLE else None


def is_known(name: str) -> bool:
    """Say whether a statistic is one that is supported."""
    return name in STATISTICS or percentile_of(name) is not None


def statistic(sample: Sample, name: str) -> float | None:
    """Return a statistic; None where the sample does not tell it.

    CloudWatch has no percentile of negative values, nor of sums alone.
    """
    if name in STATISTICS:
        return STATISTICS[name](sample)
    share = percentile_of(name)
    if share is None or sample.counts is None or sample.low < 0:
        return None
    wanted, seen = share / _WHOLE * sample.count, 0.0
    for value, count in sorted(sample.counts.items()):
        seen += count
        if seen >= wanted:
            return value
    return sample.high


def enough_for(name: str, count: float) -> bool:
    """Say whether so many values are significant for a percentile, as AWS counts."""
    share = percentile_of(name)
    if share is None:
        return True
    tail = min(share, _WHOLE - share) / _WHOLE
    return tail > 0 and count >= 10 / tail
