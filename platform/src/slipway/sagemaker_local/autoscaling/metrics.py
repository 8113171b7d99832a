"""The metric that a policy tracks, and what CloudWatch has of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.sagemaker_local.autoscaling.decision import LOW_POINTS
from slipway.sagemaker_local.autoscaling.resources import Variant
from slipway.sagemaker_local.cloudwatch.invocation_metrics import NAMESPACE
from slipway.sagemaker_local.cloudwatch.metric import Metric, dimensions_of, metric_of
from slipway.sagemaker_local.cloudwatch.metric_store import MetricStore
from slipway.sagemaker_local.cloudwatch.sample import Sample
from slipway.sagemaker_local.cloudwatch.series import periods
from slipway.sagemaker_local.cloudwatch.statistics import statistic

PREDEFINED = "PredefinedMetricSpecification"
CUSTOMIZED = "CustomizedMetricSpecification"
_MINUTE = 60
#: Those that grow with the period: they are held against a target by the minute.
_PER_PERIOD = ("Sum", "SampleCount")


@dataclass(frozen=True)
class Tracked:
    """A metric by one of its statistics."""

    metric: Metric
    statistic: str
    #: The only unit that counts; None: any.
    unit: str | None = None
    #: Whether no data is a zero: SageMaker's own metrics are zero without traffic.
    is_zero_without_data: bool = False

    def value(self, sample: Sample, period: int) -> float | None:
        """Return the statistic of a period's sample, sums by the minute."""
        found = statistic(sample, self.statistic)
        if found is not None and self.statistic in _PER_PERIOD:
            return found * _MINUTE / period
        return found


def tracked(variant: Variant, configuration: Mapping[str, Any]) -> Tracked:
    """Return what a target-tracking configuration tracks."""
    if PREDEFINED in configuration:
        own = {"EndpointName": variant.endpoint, "VariantName": variant.name}
        dimensions = [{"Name": name, "Value": own[name]} for name in own]
        metric = Metric(
            variant.region,
            NAMESPACE,
            "InvocationsPerInstance",
            dimensions_of(dimensions),
        )
        return Tracked(metric, "Sum", is_zero_without_data=True)
    custom = configuration[CUSTOMIZED]
    metric = metric_of(variant.region, custom)
    return Tracked(metric, custom["Statistic"], custom.get("Unit"))


def datapoints(
    store: MetricStore, what: Tracked, *, period: int, now: float, since: float
) -> list[float | None]:
    """Return the last whole periods of a metric, newest last; None without data.

    Of what was before `since`, no data is no zero.
    """
    end = int(now) // period * period
    start = end - LOW_POINTS * period
    points = store.points(what.metric, start, end)
    found = periods(points, start, period, what.unit)

    def value(at: int) -> float | None:
        if at in found:
            return what.value(found[at], period)
        return 0.0 if what.is_zero_without_data and at >= since else None

    return [value(at) for at in range(start, end, period)]
