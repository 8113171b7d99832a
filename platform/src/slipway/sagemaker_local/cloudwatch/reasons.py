"""Why an alarm is in its state, in CloudWatch's words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.cloudwatch.evaluation import (
    Datapoint,
    Rule,
    State,
    Verdict,
)

CREATED = "Unchecked: Initial alarm creation"
_COMPARED: Mapping[str, str] = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}
#: CloudWatch's bound of a StateReason.
_LONGEST = 1023


def reason(rule: Rule, verdict: Verdict, state: State) -> str:
    """Return the sentence that says why an alarm came to a state."""
    if state == "INSUFFICIENT_DATA":
        count = rule.periods
        return f"Insufficient Data: {_points(count)} {_be(count)} unknown."
    if not verdict.evaluated:
        return (
            f"Threshold Crossed: no datapoints were received for {_periods(rule)} and "
            f"{_filled(rule, verdict)}."
        )
    return f"Threshold Crossed: {_crossed(rule, verdict, state)}."[:_LONGEST]


def reason_data(rule: Rule, verdict: Verdict, now: float) -> dict[str, Any]:
    """Return StateReasonData: what the state rests on, newest datapoint first."""
    newest = verdict.evaluated[::-1]
    data: dict[str, Any] = {
        "version": "1.0",
        "queryDate": moment(now),
        "statistic": rule.statistic,
        "period": rule.period,
        "recentDatapoints": [each.value for each in verdict.evaluated],
        "threshold": rule.threshold,
        "evaluatedDatapoints": [
            {
                "timestamp": moment(each.at),
                "sampleCount": each.count,
                "value": each.value,
            }
            for each in newest
        ],
    }
    if newest:
        data["startDate"] = moment(newest[-1].at)
    return data


def moment(seconds: float) -> str:
    """Return a moment as CloudWatch writes it in its texts."""
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def _crossed(rule: Rule, verdict: Verdict, state: State) -> str:
    alarm = state == "ALARM"
    counted = [
        each
        for each in verdict.evaluated
        if each.value is not None and rule.breaches(each.value) == alarm
    ]
    least = rule.breaching if alarm else rule.periods - rule.breaching + 1
    change = "OK -> ALARM" if alarm else "ALARM -> OK"
    missing = (
        f", and {_filled(rule, verdict)}" if _counts_missing(rule, verdict) else ""
    )
    return (
        f"{len(counted)} out of the last {rule.periods} datapoints "
        f"[{', '.join(_shown(each) for each in counted)}] {_be(len(counted))} "
        f"{'' if alarm else 'not '}{_COMPARED[rule.comparison]} the threshold "
        f"({rule.threshold}){missing} (minimum {_points(least)} for {change} transition)"
    )


def _counts_missing(rule: Rule, verdict: Verdict) -> bool:
    return bool(verdict.filled) and rule.missing in _TREATED


def _filled(rule: Rule, verdict: Verdict) -> str:
    count = verdict.filled
    noun = "datapoint" if count == 1 else "datapoints"
    treated = _TREATED.get(rule.missing, "Missing")
    return f"{count} missing {noun} {_be(count)} treated as [{treated}]"


def _shown(point: Datapoint) -> str:
    at = dt.datetime.fromtimestamp(point.at, dt.UTC)
    return f"{point.value} ({at:%d/%m/%y %H:%M:%S})"


def _points(count: int) -> str:
    return f"{count} datapoint" if count == 1 else f"{count} datapoints"


def _periods(rule: Rule) -> str:
    return "1 period" if rule.periods == 1 else f"{rule.periods} periods"


def _be(count: int) -> str:
    return "was" if count == 1 else "were"
