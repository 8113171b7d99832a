"""CloudWatch Logs' front: its reads, in JSON 1.1."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import operation_names
from slipway.sagemaker.shapes import summary, violations
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.logs.faults import invalid, not_supported
from slipway.sagemaker_local.logs.filtering import filter_log_events
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.logs.groups import describe_log_groups
from slipway.sagemaker_local.logs.reading import get_log_events
from slipway.sagemaker_local.logs.streams import describe_log_streams
from slipway.sagemaker_local.logs.supported import OPERATIONS
from slipway.sagemaker_local.protocol import answered, parsed_body, refusal
from slipway.sagemaker_local.supported.check import check_members

SERVICE = "logs"
_LOG = logging.getLogger(__name__)
_TARGET = "Logs_20140328"
Handler = Callable[[LogFolder, str, Mapping[str, Any]], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
}


class LogsApp:
    """Answers `logs`."""

    def __init__(self, logs: LogFolder) -> None:
        self._logs = logs

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one request; a fault of the server is a 500."""
        try:
            operation = _operation(request)
            payload = parsed_body(request)
            _check(operation, payload)
            answer = HANDLERS[operation](self._logs, region, payload)
        except AwsError as error:
            return refusal(error)
        except Exception:  # noqa: BLE001  # the entry point: the client gets no trace
            _LOG.exception("request_crashed service=%s", SERVICE)
            message = "The local server failed; its own log says why"
            return refusal(AwsError("ServiceUnavailableException", message, 500))
        return answered(answer)


def _operation(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "")
    service, _, operation = target.partition(".")
    if service != _TARGET or operation not in operation_names(SERVICE):
        message = f"CloudWatch Logs has no operation '{target}'"
        code = "UnknownOperationException"
        raise AwsError(code, message)
    if operation not in OPERATIONS:
        raise not_supported(operation, tuple(OPERATIONS))
    return operation


def _check(operation: str, payload: Mapping[str, Any]) -> None:
    found = violations(SERVICE, operation, payload)
    mistyped = [each for each in found if each.what == "type"]
    if mistyped:
        code, message = "SerializationException", mistyped[0].message
        raise AwsError(code, message)
    if found:
        raise invalid(summary(found))
    try:
        check_members(operation, payload, OPERATIONS)
    except AwsError as error:
        raise invalid(str(error)) from error
