"""The operations and members of CloudWatch that the local server supports."""

from collections.abc import Mapping
from typing import Any

_METRIC = {"Namespace!": None, "MetricName!": None, "Dimensions": None}
_NO_ACTIONS: tuple[str, ...] = ()

#: By operation, as `sagemaker_local.supported.table`: None takes anything that is valid,
#: a tuple takes these values, a mapping takes these members, `!` must be given.
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "DeleteAlarms": {"AlarmNames": None},
    "DescribeAlarmHistory": {
        "AlarmName": None,
        "AlarmTypes": None,
        "HistoryItemType": None,
        "StartDate": None,
        "EndDate": None,
        "MaxRecords": None,
        "NextToken": None,
        "ScanBy": None,
    },
    "DescribeAlarms": {
        "AlarmNames": None,
        "AlarmNamePrefix": None,
        "AlarmTypes": None,
        "StateValue": None,
        "MaxRecords": None,
        "NextToken": None,
    },
    "DescribeAlarmsForMetric": {
        "MetricName": None,
        "Namespace": None,
        "Statistic": None,
        "ExtendedStatistic": None,
        "Dimensions": None,
        "Period": None,
        "Unit": None,
    },
    "DisableAlarmActions": {"AlarmNames": None},
    "EnableAlarmActions": {"AlarmNames": None},
    "GetMetricData": {
        "MetricDataQueries": {
            "Id": None,
            "MetricStat!": {
                "Metric": _METRIC,
                "Period": None,
                "Stat": None,
                "Unit": None,
            },
            "Label": None,
            "ReturnData": None,
        },
        "StartTime": None,
        "EndTime": None,
        "NextToken": None,
        "ScanBy": None,
        "MaxDatapoints": None,
    },
    "GetMetricStatistics": {
        "Namespace": None,
        "MetricName": None,
        "Dimensions": None,
        "StartTime": None,
        "EndTime": None,
        "Period": None,
        "Statistics": None,
        "ExtendedStatistics": None,
        "Unit": None,
    },
    "ListMetrics": {
        "Namespace": None,
        "MetricName": None,
        "Dimensions": None,
        "NextToken": None,
        "RecentlyActive": None,
    },
    "ListTagsForResource": {"ResourceARN": None},
    "PutMetricAlarm": {
        "AlarmName": None,
        "AlarmDescription": None,
        "ActionsEnabled": None,
        "OKActions": _NO_ACTIONS,
        "AlarmActions": _NO_ACTIONS,
        "InsufficientDataActions": _NO_ACTIONS,
        "MetricName!": None,
        "Namespace!": None,
        "Statistic": None,
        "ExtendedStatistic": None,
        "Dimensions": None,
        "Period!": None,
        "Unit": None,
        "EvaluationPeriods!": None,
        "DatapointsToAlarm": None,
        "Threshold!": None,
        "ComparisonOperator!": (
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ),
        "TreatMissingData": None,
        "EvaluateLowSampleCountPercentile": None,
        "Tags": None,
    },
    "PutMetricData": {
        "Namespace": None,
        "MetricData": None,
    },
    "SetAlarmState": {
        "AlarmName": None,
        "StateValue": None,
        "StateReason": None,
        "StateReasonData": None,
    },
    "TagResource": {"ResourceARN": None, "Tags": None},
    "UntagResource": {"ResourceARN": None, "TagKeys": None},
}
