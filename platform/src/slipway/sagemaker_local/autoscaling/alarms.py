"""The two CloudWatch alarms of a target-tracking policy, as AWS makes them.

They show when a policy acts; the policy itself is decided on the same datapoints.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from slipway.sagemaker.shapes import violations
from slipway.sagemaker_local.autoscaling.decision import (
    HIGH_POINTS,
    LOW_PART,
    LOW_POINTS,
)
from slipway.sagemaker_local.autoscaling.metrics import tracked
from slipway.sagemaker_local.autoscaling.resources import Variant
from slipway.sagemaker_local.cloudwatch.alarm import alarm_arn
from slipway.sagemaker_local.cloudwatch.operations.alarm_changes import put_metric_alarm
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.faults import AwsError, validation
from slipway.sagemaker_local.store import Record

_PERIOD = 60
#: By the side of the target: the comparison, datapoints, and the part of the target.
_SIDES: Mapping[str, tuple[str, int, float]] = {
    "High": ("GreaterThanThreshold", HIGH_POINTS, 1.0),
    "Low": ("LessThanThreshold", LOW_POINTS, LOW_PART),
}


def shown(variant: Variant, policy: str) -> list[dict[str, str]]:
    """Return the alarms of a policy as its description names them."""
    names = [variant.alarm(policy, side) for side in _SIDES]
    return [
        {"AlarmName": name, "AlarmARN": alarm_arn(variant.region, name)}
        for name in names
    ]


def put(
    cloudwatch: CloudWatch,
    variant: Variant,
    policy: str,
    configuration: Mapping[str, Any],
) -> None:
    """Make the alarms of a policy, or configure them anew.

    What CloudWatch takes for no metric is refused, and changes nothing.
    """
    arn, what = variant.policy_arn(policy), tracked(variant, configuration)
    for side, (comparison, points, part) in _SIDES.items():
        members = {
            "AlarmName": variant.alarm(policy, side),
            "AlarmDescription": (
                f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {arn}."
            ),
            "AlarmActions": [arn],
            **what.metric.described,
            "Statistic": what.statistic,
            "Period": _PERIOD,
            "EvaluationPeriods": points,
            "Threshold": configuration["TargetValue"] * part,
            "ComparisonOperator": comparison,
        }
        if what.unit is not None:
            members["Unit"] = what.unit
        _check(members)
        try:
            put_metric_alarm(cloudwatch, variant.region, members)
        except AwsError as error:
            raise validation(str(error)) from error


def _check(members: Mapping[str, Any]) -> None:
    for each in violations("cloudwatch", "PutMetricAlarm", members):
        message = f"CloudWatch has no such metric: {each.message}"
        raise validation(message)


def delete(cloudwatch: CloudWatch, region: str, policies: Iterable[Record]) -> None:
    """Remove the alarms of policies."""
    names = [
        alarm["AlarmName"]
        for policy in policies
        for alarm in policy.description["Alarms"]
    ]
    cloudwatch.alarms.delete(region, names)
