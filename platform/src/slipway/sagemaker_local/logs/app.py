"""CloudWatch Logs' front: its reads, in JSON 1.1."""

from collections.abc import Callable, Mapping
from typing import Any

from slipway.sagemaker_local.logs.faults import invalid, not_supported
from slipway.sagemaker_local.logs.filtering import filter_log_events
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.logs.groups import describe_log_groups
from slipway.sagemaker_local.logs.reading import get_log_events
from slipway.sagemaker_local.logs.streams import describe_log_streams
from slipway.sagemaker_local.logs.supported import OPERATIONS
from slipway.sagemaker_local.protocol import JsonFront, JsonService

LOGS = JsonService(
    name="logs",
    title="CloudWatch Logs",
    target="Logs_20140328",
    supported=OPERATIONS,
    invalid=invalid,
    not_supported=lambda operation: not_supported(operation, tuple(OPERATIONS)),
    crash="ServiceUnavailableException",
)
Handler = Callable[[LogFolder, str, Mapping[str, Any]], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
}


def logs_front(logs: LogFolder) -> JsonFront:
    """Return what answers `logs`."""
    return JsonFront(
        LOGS,
        lambda operation, region, payload: HANDLERS[operation](logs, region, payload),
    )
