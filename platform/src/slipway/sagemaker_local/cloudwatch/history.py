"""What becomes of an alarm, as DescribeAlarmHistory tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from slipway.sagemaker_local.cloudwatch.alarm import Alarm
from slipway.sagemaker_local.cloudwatch.reasons import moment

Kind = Literal["ConfigurationUpdate", "StateUpdate"]
#: CloudWatch's bound of HistoryData.
_LONGEST = 4095


@dataclass(frozen=True)
class Event:
    """One entry of an alarm's history."""

    region: str
    alarm: str
    #: Seconds since the epoch.
    at: float
    kind: Kind
    summary: str
    #: JSON.
    data: str


def configured(alarm: Alarm, at: float, change: str) -> Event:
    """Return the entry of an alarm that was created, updated or deleted."""
    data = {"version": "1.0", "type": change, "updatedAlarm": dict(alarm.members)}
    summary = f'Alarm "{alarm.name}" {change.lower()}d'
    return _event(alarm, at=at, kind="ConfigurationUpdate", summary=summary, data=data)


def transitioned(before: Alarm, after: Alarm) -> Event:
    """Return the entry of an alarm that came to another state."""
    data = {
        "version": "1.0",
        "oldState": _state(before),
        "newState": _state(after),
    }
    summary = f"Alarm updated from {before.state} to {after.state}"
    at = after.updated_at
    return _event(after, at=at, kind="StateUpdate", summary=summary, data=data)


def described(event: Event) -> dict[str, Any]:
    """Return an entry as DescribeAlarmHistory answers it, its moment in seconds."""
    return {
        "AlarmName": event.alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": event.at,
        "HistoryItemType": event.kind,
        "HistorySummary": event.summary,
        "HistoryData": event.data,
    }


def _event(
    alarm: Alarm, *, at: float, kind: Kind, summary: str, data: Mapping[str, Any]
) -> Event:
    text = orjson.dumps(data).decode()
    if len(text) > _LONGEST:
        text = orjson.dumps({"version": "1.0"}).decode()
    return Event(alarm.region, alarm.name, at, kind, summary[:255], text)


def _state(alarm: Alarm) -> dict[str, Any]:
    state: dict[str, Any] = {
        "stateValue": alarm.state,
        "stateReason": alarm.reason,
        "timestamp": moment(alarm.updated_at),
    }
    if alarm.reason_data:
        state["stateReasonData"] = alarm.reason_data
    return state
