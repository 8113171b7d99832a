"""SageMaker's invocation metrics of each variant, from what the runtime observed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
_MICRO = 1e6
_OK, _CLIENT_ERROR, _SERVER_ERROR, _BEYOND = 200, 400, 500, 600


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
    values: dict[tuple[Metric, int], Counter[float]] = defaultdict(Counter)
    for each in invocations:
        for dimensions in _dimensions(each):
            for name, value in _values(each):
                metric = Metric(each.region, NAMESPACE, name, dimensions)
                values[metric, each.at][value] += 1
    for (metric, at), counts in values.items():
        yield Datum(metric, at, _SPAN, UNITS[metric.name], sample(counts))


def _dimensions(each: Observed) -> Iterator[tuple[tuple[str, str], ...]]:
    endpoint, variant = ("EndpointName", each.endpoint), ("VariantName", each.variant)
    yield (endpoint, variant)
    # An alarm can watch the new fleet of a deployment alone.
    yield (("EndpointConfigName", each.config), endpoint, variant)


def _values(each: Observed) -> Iterator[tuple[str, float]]:
    """Yield 1 or 0 for each error, so that an average is a rate."""
    yield "Invocations", 1.0
    yield "InvocationsPerInstance", 1 / max(each.instances, 1)
    model = each.original_status
    yield "Invocation4XXErrors", float(_CLIENT_ERROR <= model < _SERVER_ERROR)
    yield "Invocation5XXErrors", float(_SERVER_ERROR <= model < _BEYOND)
    yield "InvocationModelErrors", float(each.status != _OK)
    if model:
        yield "ModelLatency", float(round(each.model_latency * _MICRO))
    yield "OverheadLatency", float(round(each.overhead_latency * _MICRO))
