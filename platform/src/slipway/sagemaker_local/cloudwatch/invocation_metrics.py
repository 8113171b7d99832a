"""SageMaker's invocation metrics of each variant, from what the runtime observed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from slipway.sagemaker_local.cloudwatch.metric import NO_UNIT, Datum, Metric
from slipway.sagemaker_local.cloudwatch.sample import sample
from slipway.sagemaker_local.endpoints.observation import Invocation

NAMESPACE = "AWS/SageMaker"
#: By metric; the latencies are in microseconds, as SageMaker's are.
UNITS: Mapping[str, str] = {
    "Invocations": NO_UNIT,
    "InvocationsPerInstance": NO_UNIT,
    "Invocation4XXErrors": NO_UNIT,
    "Invocation5XXErrors": NO_UNIT,
    "InvocationModelErrors": NO_UNIT,
    "ModelLatency": "Microseconds",
    "OverheadLatency": "Microseconds",
}
#: Published each second, where SageMaker publishes each minute: short alarms work.
_SPAN = 1


class Observed(NamedTuple):
    """What is kept of an invocation until it is written down."""

    region: str
    endpoint: str
    config: str
    variant: str
    #: When it was answered, in whole seconds since the epoch.
    at: int
    #: The caller's HTTP status, and the container's; 0 where it gave none.
    status: int
    original_status: int
    #: In seconds.
    model_latency: float
    overhead_latency: float
    #: Of the variant.
    instances: int


def observed(invocation: Invocation, now: float) -> Observed:
    """Return what counts of an invocation, without its bytes."""
    return Observed(
        invocation.region,
        invocation.endpoint,
        invocation.config,
        invocation.variant,
        int(now),
        invocation.status,
        invocation.original_status,
        invocation.model_latency,
        invocation.overhead_latency,
        invocation.instances,
    )


def data_of(invocations: Iterable[Observed]) -> Iterator[Datum]:
    """Yield what invocations add to the metrics of their variants."""
    groups: dict[tuple[object, ...], list[Observed]] = defaultdict(list)
    for each in invocations:
        groups[each.region, each.endpoint, each.config, each.variant, each.at].append(
            each
        )
    for group in groups.values():
        first = group[0]
        for name, counts in _counts(group).items():
            measured = sample(counts)
            for dimensions in _dimensions(first):
                metric = Metric(first.region, NAMESPACE, name, dimensions)
                yield Datum(metric, first.at, _SPAN, UNITS[name], measured)


def _dimensions(each: Observed) -> Iterator[tuple[tuple[str, str], ...]]:
    endpoint, variant = ("EndpointName", each.endpoint), ("VariantName", each.variant)
    yield (endpoint, variant)
    # An alarm can watch the new fleet of a deployment alone.
    yield (("EndpointConfigName", each.config), endpoint, variant)


def _counts(group: Sequence[Observed]) -> dict[str, Counter[float]]:
    """Return how often each value of a metric was measured, where it was.

    An error is 1 and its absence 0, so that an average is a rate.
    """
    codes = [each.original_status for each in group]
    answered = [each for each in group if each.original_status]
    values: dict[str, Iterable[float]] = {
        "Invocations": [1.0] * len(group),
        "InvocationsPerInstance": [1 / max(each.instances, 1) for each in group],
        "Invocation4XXErrors": [float(400 <= code < 500) for code in codes],
        "Invocation5XXErrors": [float(500 <= code < 600) for code in codes],
        "InvocationModelErrors": [float(each.status != 200) for each in group],
        "ModelLatency": [_micros(each.model_latency) for each in answered],
        "OverheadLatency": [_micros(each.overhead_latency) for each in group],
    }
    return {name: Counter(found) for name, found in values.items() if found}


def _micros(seconds: float) -> float:
    return float(round(seconds * 1e6))
