"""A metric alarm: how it is configured, and how it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.sagemaker_local.cloudwatch.evaluation import Rule, State
from slipway.sagemaker_local.cloudwatch.metric import Metric, metric_of
from slipway.sagemaker_local.identity import ACCOUNT

#: What PutMetricAlarm's members are where they are not given.
DEFAULTS: Mapping[str, Any] = {
    "ActionsEnabled": True,
    "OKActions": [],
    "AlarmActions": [],
    "InsufficientDataActions": [],
    "Dimensions": [],
}


@dataclass(frozen=True)
class Alarm:
    """One alarm."""

    region: str
    name: str
    #: As PutMetricAlarm got them, without tags.
    members: Mapping[str, Any]
    state: State
    reason: str
    #: JSON, as StateReasonData.
    reason_data: str
    #: Seconds since the epoch: of the configuration, of the state and of its last
    #: change to another value.
    configured_at: float
    updated_at: float
    transitioned_at: float
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The ARN."""
        return alarm_arn(self.region, self.name)

    @property
    def metric(self) -> Metric:
        """What it watches."""
        return metric_of(self.region, self.members)

    @property
    def unit(self) -> str | None:
        """The only unit that counts; None: any."""
        return self.members.get("Unit")

    @property
    def rule(self) -> Rule:
        """When it goes off."""
        members = self.members
        periods = members["EvaluationPeriods"]
        return Rule(
            period=members["Period"],
            periods=periods,
            breaching=members.get("DatapointsToAlarm", periods),
            threshold=float(members["Threshold"]),
            comparison=members["ComparisonOperator"],
            missing=members.get("TreatMissingData", "missing"),
            statistic=members.get("Statistic") or members["ExtendedStatistic"],
            low_samples=members.get("EvaluateLowSampleCountPercentile") != "ignore",
        )

    @property
    def described(self) -> dict[str, Any]:
        """The alarm as DescribeAlarms answers it, moments in seconds."""
        described = {
            **DEFAULTS,
            **self.members,
            "AlarmArn": self.arn,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateReasonData": self.reason_data,
            "AlarmConfigurationUpdatedTimestamp": self.configured_at,
            "StateUpdatedTimestamp": self.updated_at,
            "StateTransitionedTimestamp": self.transitioned_at,
        }
        if not self.reason_data:
            del described["StateReasonData"]
        return described


def alarm_arn(region: str, name: str) -> str:
    """Return the ARN of an alarm."""
    return f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}"
