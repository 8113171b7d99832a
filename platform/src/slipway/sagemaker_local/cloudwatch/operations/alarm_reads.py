"""DescribeAlarms, DescribeAlarmsForMetric, DescribeAlarmHistory."""

import math

from slipway.sagemaker_local.cloudwatch.alarm import Alarm
from slipway.sagemaker_local.cloudwatch.history import described
from slipway.sagemaker_local.cloudwatch.metric import metric_of
from slipway.sagemaker_local.cloudwatch.operations.requests import Members, moment, page
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.wire.faults import combination

#: Members of a request that must be as an alarm has them.
_SAME = ("Statistic", "ExtendedStatistic", "Period", "Unit")
_PAGE, _HISTORY_PAGE = 50, 100


def describe_alarms(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """DescribeAlarms, by name."""
    operation = "DescribeAlarms"
    names, prefix = members.get("AlarmNames"), members.get("AlarmNamePrefix", "")
    if names and prefix:
        message = "AlarmNamePrefix and AlarmNames are mutually exclusive"
        raise combination(operation, message)
    alarms = cloudwatch.alarms
    known = alarms.named(region, sorted(names)) if names else alarms.every(region)
    found = [
        alarm
        for alarm in known
        if _has_metric_alarms(members)
        and alarm.name.startswith(prefix)
        and members.get("StateValue") in (None, alarm.state)
    ]
    shown, more = page(found, members, members.get("MaxRecords", _PAGE))
    return {
        "CompositeAlarms": [],
        "MetricAlarms": [alarm.described for alarm in shown],
        **more,
    }


def describe_alarms_for_metric(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """DescribeAlarmsForMetric: those that watch just this metric."""
    metric = metric_of(region, members)
    found = [
        alarm
        for alarm in cloudwatch.alarms.every(region)
        if alarm.metric == metric and _is_alike(alarm, members)
    ]
    return {"MetricAlarms": [alarm.described for alarm in found]}


def describe_alarm_history(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """DescribeAlarmHistory: of one alarm or of all, deleted ones too."""
    operation = "DescribeAlarmHistory"
    since = moment(operation, members, "StartDate") or 0.0
    until = moment(operation, members, "EndDate") or math.inf
    found = cloudwatch.alarms.events(region, members.get("AlarmName"), since, until)
    wanted = [
        each
        for each in found
        if _has_metric_alarms(members)
        and members.get("HistoryItemType") in (None, each.kind)
    ]
    if members.get("ScanBy") != "TimestampAscending":
        wanted.reverse()
    shown, more = page(wanted, members, members.get("MaxRecords", _HISTORY_PAGE))
    return {"AlarmHistoryItems": [described(each) for each in shown], **more}


def _has_metric_alarms(members: Members) -> bool:
    """Say whether a request asks for metric alarms: there are no others here."""
    return "MetricAlarm" in (members.get("AlarmTypes") or ["MetricAlarm"])


def _is_alike(alarm: Alarm, members: Members) -> bool:
    return all(members.get(name) in (None, alarm.members.get(name)) for name in _SAME)
