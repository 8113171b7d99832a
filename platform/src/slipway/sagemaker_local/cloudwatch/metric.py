"""What a metric is called, and what is measured of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.sagemaker_local.cloudwatch.sample import Sample

#: What a metric has that says nothing of its unit.
NO_UNIT = "None"


@dataclass(frozen=True)
class Metric:
    """One metric; each set of dimensions is another one."""

    region: str
    namespace: str
    name: str
    #: Name and value, in the order of the names.
    dimensions: tuple[tuple[str, str], ...] = ()

    @property
    def described(self) -> dict[str, Any]:
        """The metric as CloudWatch's answers write it."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [
                {"Name": name, "Value": value} for name, value in self.dimensions
            ],
        }


@dataclass(frozen=True)
class Datum:
    """Something measured of a metric."""

    metric: Metric
    #: Seconds since the epoch.
    at: float
    #: Seconds that are told apart: 1, or 60.
    span: int
    unit: str
    sample: Sample


def metric_of(region: str, members: Mapping[str, Any]) -> Metric:
    """Return the metric that a request's Namespace, MetricName and Dimensions name."""
    return Metric(
        region,
        members.get("Namespace", ""),
        members.get("MetricName", ""),
        dimensions_of(members.get("Dimensions", ())),
    )


def dimensions_of(members: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return a request's dimensions in their own order."""
    return tuple(sorted((each["Name"], each["Value"]) for each in members))
