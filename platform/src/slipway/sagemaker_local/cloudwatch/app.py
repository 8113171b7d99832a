"""Where requests for CloudWatch are read, checked, answered."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from slipway.sagemaker.shapes import violations
from slipway.sagemaker_local.cloudwatch.operations.alarm_changes import (
    delete_alarms,
    disable_alarm_actions,
    enable_alarm_actions,
    put_metric_alarm,
    set_alarm_state,
)
from slipway.sagemaker_local.cloudwatch.operations.alarm_reads import (
    describe_alarm_history,
    describe_alarms,
    describe_alarms_for_metric,
)
from slipway.sagemaker_local.cloudwatch.operations.alarm_tags import (
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)
from slipway.sagemaker_local.cloudwatch.operations.metric_data import put_metric_data
from slipway.sagemaker_local.cloudwatch.operations.metric_reads import (
    get_metric_data,
    get_metric_statistics,
    list_metrics,
)
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS
from slipway.sagemaker_local.cloudwatch.wire.faults import (
    SERVICE,
    internal_failure,
    invalid,
    not_supported,
    violated,
)
from slipway.sagemaker_local.cloudwatch.wire.protocols import (
    answered,
    protocol_of,
    refused,
)
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.outcome import outcome
from slipway.sagemaker_local.supported.check import check_members

#: What its clients sign for.
SIGNED_AS = "monitoring"
Handler = Callable[[CloudWatch, str, Mapping[str, Any]], Mapping[str, Any]]
HANDLERS: Mapping[str, Handler] = {
    "DeleteAlarms": delete_alarms,
    "DescribeAlarmHistory": describe_alarm_history,
    "DescribeAlarms": describe_alarms,
    "DescribeAlarmsForMetric": describe_alarms_for_metric,
    "DisableAlarmActions": disable_alarm_actions,
    "EnableAlarmActions": enable_alarm_actions,
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
    "ListTagsForResource": list_tags_for_resource,
    "PutMetricAlarm": put_metric_alarm,
    "PutMetricData": put_metric_data,
    "SetAlarmState": set_alarm_state,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}


class CloudWatchApp:
    """Answers CloudWatch's operations."""

    def __init__(self, cloudwatch: CloudWatch) -> None:
        self._cloudwatch = cloudwatch

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one request; a fault of the server is a 500."""
        protocol, operation = protocol_of(request), ""

        def work() -> Response:
            nonlocal operation
            operation = _supported(protocol.operation(request))
            members = protocol.members(request, operation)
            _check(operation, members)
            content = HANDLERS[operation](self._cloudwatch, region, members)
            return answered(protocol, operation, content)

        return outcome(
            work,
            lambda error: refused(protocol, operation, error),
            crashed=internal_failure(),
        )


def turned_away(request: Request, error: AwsError) -> Response:
    """Return an error to a request that nobody reads."""
    return refused(protocol_of(request), "", error)


def _supported(operation: str) -> str:
    if operation in HANDLERS:
        return operation
    raise not_supported(operation, HANDLERS)


def _check(operation: str, members: Mapping[str, Any]) -> None:
    found = violations(SERVICE, operation, members)
    if found:
        raise violated(operation, found)
    try:
        check_members(operation, members, OPERATIONS)
    except AwsError as error:
        raise invalid(operation, str(error)) from error
