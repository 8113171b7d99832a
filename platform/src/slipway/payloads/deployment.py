"""How an endpoint is updated, as payloads: the shift of traffic, and its alarms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.spec import Alarm, DeploymentPolicy
from slipway.spec.deployment import LONGEST_DEPLOYMENT

#: Seconds that a new fleet has to start, beside what is waited on purpose.
_TO_START = 7200
_MICROSECONDS = 1000


@dataclass(frozen=True)
class Measure:
    """What CloudWatch measures of a variant."""

    metric: str
    #: `Average`, or a percentile.
    statistic: str
    #: CloudWatch's units in one of model.yaml's.
    factor: float = 1.0


#: By the word in model.yaml. An error is 1 and its absence 0: the average is a rate.
MEASURES: Mapping[str, Measure] = {
    "error_rate": Measure("Invocation5XXErrors", "Average"),
    "rejection_rate": Measure("Invocation4XXErrors", "Average"),
    "failure_rate": Measure("InvocationModelErrors", "Average"),
    "latency_p50_ms": Measure("ModelLatency", "p50", _MICROSECONDS),
    "latency_p95_ms": Measure("ModelLatency", "p95", _MICROSECONDS),
    "latency_p99_ms": Measure("ModelLatency", "p99", _MICROSECONDS),
}
#: The metric of the alarm that people set off: nobody measures it, so its state stays.
_STOP = {"Namespace": "Slipway", "MetricName": "DeploymentStopped"}


@dataclass(frozen=True)
class Watched:
    """The instances that alarms look at: those of one config alone."""

    endpoint_name: str
    endpoint_config_name: str
    variant_name: str

    @property
    def dimensions(self) -> list[dict[str, str]]:
        """The dimensions in CloudWatch's form."""
        values = {
            "EndpointName": self.endpoint_name,
            "EndpointConfigName": self.endpoint_config_name,
            "VariantName": self.variant_name,
        }
        return [{"Name": name, "Value": value} for name, value in values.items()]

    def alarm_name(self, metric: str) -> str:
        """Return the name of the alarm on `metric`."""
        return f"{self.endpoint_config_name}-{self.variant_name}-{metric}"

    @property
    def names(self) -> list[str]:
        """The names of all alarms that its deployments can have put."""
        return [*map(self.alarm_name, MEASURES), self.stop_name]

    @property
    def stop_name(self) -> str:
        """The name of the alarm that ends the deployment when a person wants it."""
        return self.alarm_name("stop")


def alarm(
    watched: Watched, wanted: Alarm, tags: list[dict[str, str]]
) -> dict[str, Any]:
    """Return PutMetricAlarm's payload: without data it says so, and nothing else."""
    measure = MEASURES[wanted.metric]
    percentile = measure.statistic != "Average"
    statistic = "ExtendedStatistic" if percentile else "Statistic"
    return {
        "AlarmName": watched.alarm_name(wanted.metric),
        "AlarmDescription": f"{wanted.metric} of a new version is above {wanted.above:g}",
        "Namespace": "AWS/SageMaker",
        "MetricName": measure.metric,
        "Dimensions": watched.dimensions,
        statistic: measure.statistic,
        "Period": wanted.period_seconds,
        "EvaluationPeriods": wanted.periods,
        "Threshold": wanted.above * measure.factor,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "missing",
        "Tags": tags,
    }


def stop_alarm(watched: Watched, tags: list[dict[str, str]]) -> dict[str, Any]:
    """Return the payload of the alarm that ends a deployment by hand."""
    return {
        "AlarmName": watched.stop_name,
        "AlarmDescription": "Set off by whoever ends the deployment",
        **_STOP,
        "Dimensions": watched.dimensions,
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
        "Tags": tags,
    }


def deployment_config(
    policy: DeploymentPolicy, alarm_names: Iterable[str]
) -> dict[str, Any]:
    """Return UpdateEndpoint's DeploymentConfig: blue/green, by the policy's strategy."""
    longest = min(policy.waiting + _TO_START, LONGEST_DEPLOYMENT)
    config: dict[str, Any] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": _routing(policy),
            "TerminationWaitInSeconds": policy.bake,
            "MaximumExecutionTimeoutInSeconds": longest,
        }
    }
    names = [{"AlarmName": name} for name in alarm_names]
    if names:
        config["AutoRollbackConfiguration"] = {"Alarms": names}
    return config


def _routing(policy: DeploymentPolicy) -> dict[str, Any]:
    sizes = {
        "canary": {"CanarySize": _percent(policy.canary_percent)},
        "linear": {"LinearStepSize": _percent(policy.step_percent)},
    }
    return {
        "Type": policy.strategy.upper(),
        "WaitIntervalInSeconds": policy.bake,
        **sizes.get(policy.strategy, {}),
    }


def _percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}
