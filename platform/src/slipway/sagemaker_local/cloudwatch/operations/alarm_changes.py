"""PutMetricAlarm, SetAlarmState, Enable- and DisableAlarmActions, DeleteAlarms."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from slipway.sagemaker_local.cloudwatch.alarm import Alarm
from slipway.sagemaker_local.cloudwatch.operations.alarm_tags import tags_of
from slipway.sagemaker_local.cloudwatch.operations.requests import Members
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.statistics import percentile_of
from slipway.sagemaker_local.cloudwatch.wire.faults import (
    combination,
    invalid,
    invalid_format,
    limit_exceeded,
    not_found,
)

_OPERATION = "PutMetricAlarm"
#: AWS's quota of a region.
MOST_ALARMS = 5000
_LARGEST = 2.0**360
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800
_SHORT_PERIODS = (10, 20, 30)
_MINUTE = 60
#: What AWS takes for members that its model leaves open.
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "TreatMissingData": ("breaching", "notBreaching", "ignore", "missing"),
    "EvaluateLowSampleCountPercentile": ("evaluate", "ignore"),
}


def put_metric_alarm(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """PutMetricAlarm: it is evaluated at once, and then when its periods end."""
    _check(members)
    tags = tags_of(_OPERATION, members.get("Tags", ()))
    kept = {**members, "Threshold": float(members["Threshold"])}
    kept.pop("Tags", None)
    if cloudwatch.alarms.put(region, kept, tags, MOST_ALARMS) is None:
        message = f"The quota of {MOST_ALARMS} alarms in {region} is reached"
        raise limit_exceeded(message)
    cloudwatch.watch.look(region, members["AlarmName"])
    return {}


def set_alarm_state(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """SetAlarmState: it lasts until the alarm is evaluated."""
    data, now = members.get("StateReasonData", ""), time.time()
    if data:
        _check_json(data)

    def change(alarm: Alarm) -> Alarm:
        moved = alarm.state != members["StateValue"]
        return replace(
            alarm,
            state=members["StateValue"],
            reason=members["StateReason"],
            reason_data=data,
            updated_at=now,
            transitioned_at=now if moved else alarm.transitioned_at,
        )

    if cloudwatch.alarms.change(region, members["AlarmName"], change) is None:
        raise not_found(members["AlarmName"])
    return {}


def enable_alarm_actions(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """EnableAlarmActions."""
    return _set_actions(cloudwatch, region, members, enabled=True)


def disable_alarm_actions(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """DisableAlarmActions."""
    return _set_actions(cloudwatch, region, members, enabled=False)


def delete_alarms(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """DeleteAlarms: those that are there are deleted, whatever the other names are."""
    missing = cloudwatch.alarms.missing(region, members["AlarmNames"])
    cloudwatch.alarms.delete(region, members["AlarmNames"])
    if missing:
        raise not_found(", ".join(missing))
    return {}


def _set_actions(
    cloudwatch: CloudWatch, region: str, members: Members, *, enabled: bool
) -> Members:
    def change(alarm: Alarm) -> Alarm:
        changed = {**alarm.members, "ActionsEnabled": enabled}
        return replace(alarm, members=changed)

    for name in members["AlarmNames"]:
        cloudwatch.alarms.change(region, name, change)
    return {}


def _check(members: Members) -> None:
    _check_statistic(members)
    _check_periods(members["Period"], members["EvaluationPeriods"])
    breaching = members.get("DatapointsToAlarm", members["EvaluationPeriods"])
    if breaching > members["EvaluationPeriods"]:
        message = "DatapointsToAlarm must not be larger than EvaluationPeriods"
        raise invalid(_OPERATION, message)
    threshold = members["Threshold"]
    if not abs(threshold) <= _LARGEST:  # not a number is no less than any
        message = f"Threshold must be a number, not {str(threshold)[:50]}"
        raise invalid(_OPERATION, message)
    for name, choices in _CHOICES.items():
        if members.get(name, choices[0]) not in choices:
            message = (
                f"Value '{members[name]}' at '{name}' is not valid. It must be one of "
                f"{', '.join(choices)}"
            )
            raise invalid(_OPERATION, message)


def _check_statistic(members: Members) -> None:
    extended = members.get("ExtendedStatistic")
    if ("Statistic" in members) == (extended is not None):
        message = "Give either Statistic or ExtendedStatistic, and not both"
        raise combination(_OPERATION, message)
    if extended is not None and percentile_of(extended) is None:
        message = (
            f"The local SageMaker server does not support the ExtendedStatistic "
            f"'{extended}'. Supported: percentiles from p0 to p100"
        )
        raise invalid(_OPERATION, message)
    if "EvaluateLowSampleCountPercentile" in members and extended is None:
        message = "EvaluateLowSampleCountPercentile needs an ExtendedStatistic"
        raise combination(_OPERATION, message)


def _check_periods(period: int, periods: int) -> None:
    if period not in _SHORT_PERIODS and period % _MINUTE:
        message = "Period must be 10, 20, 30 or a multiple of 60"
        raise invalid(_OPERATION, message)
    most, words = (_DAY, "a day") if period < _HOUR else (_WEEK, "a week")
    if period * periods > most:
        message = (
            f"Metrics cannot be checked across more than {words} (EvaluationPeriods * "
            f"Period must be <= {most})."
        )
        raise invalid(_OPERATION, message)


def _check_json(text: str) -> None:
    try:
        content: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"StateReasonData is not JSON: {error}"
        raise invalid_format(message) from error
    if not isinstance(content, dict):
        message = "StateReasonData is not a JSON object"
        raise invalid_format(message)
