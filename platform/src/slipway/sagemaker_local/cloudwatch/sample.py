"""Values of a metric, put together so that any statistic can still be told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: A sample of more different values than this keeps two digits of each.
_MOST_VALUES = 150


@dataclass(frozen=True)
class Sample:
    """All that was measured within one span of time, in one unit."""

    count: float
    total: float
    low: float
    high: float
    #: How often each value was measured; None where only the sums are known.
    counts: Mapping[float, float] | None


def sample(counts: Mapping[float, float]) -> Sample:
    """Return the sample of values that were each measured so often."""
    kept = {value: count for value, count in counts.items() if count > 0}
    total = sum(value * count for value, count in kept.items())
    return Sample(
        sum(kept.values()), total, min(kept), max(kept), counts=_bounded(kept)
    )


def summed(count: float, total: float, low: float, high: float) -> Sample:
    """Return the sample of sums, whose values are known only if all are the same."""
    return Sample(count, total, low, high, {low: count} if low == high else None)


def merged(samples: Iterable[Sample]) -> Sample:
    """Return the sample of all that is in at least one sample."""
    parts = list(samples)
    if len(parts) == 1:
        return parts[0]
    counts: Counter[float] = Counter()
    for part in parts:
        counts.update(part.counts or {})
    known = all(part.counts is not None for part in parts)
    return Sample(
        count=sum(part.count for part in parts),
        total=sum(part.total for part in parts),
        low=min(part.low for part in parts),
        high=max(part.high for part in parts),
        counts=_bounded(counts) if known else None,
    )


def _bounded(counts: Mapping[float, float]) -> Mapping[float, float]:
    if len(counts) <= _MOST_VALUES:
        return counts
    rounded: Counter[float] = Counter()
    for value, count in counts.items():
        rounded[float(f"{value:.1e}")] += count  # type: ignore[assignment]  # a weight
    return rounded
