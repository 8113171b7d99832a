"""AWS's JSON 1.1: requests checked against the service model, answers, errors."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import operation_model, operation_names
from slipway.sagemaker.shapes import Violation, summary, violations
from slipway.sagemaker_local import faults
from slipway.sagemaker_local.fault_switches.veil import Veil
from slipway.sagemaker_local.faults import AwsError, StorageFullError
from slipway.sagemaker_local.operations.table import HANDLERS
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.supported.check import check_members, check_operation

_LOG = logging.getLogger(__name__)
CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET = "SageMaker"
LARGEST_BODY = 4 * 1024 * 1024


class ControlPlane:
    """Answers SageMaker's own operations."""

    def __init__(self, stack: Stack, veil: Veil) -> None:
        self._stack = stack
        #: Hides from requests what a test wants hidden.
        self._veil = veil

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one request; a fault of the server is a 500."""
        try:
            operation = _operation(request)
            payload = parsed_body(request)
            _check(operation, payload)
            with self._veil.over(self._stack) as stack:
                answer = HANDLERS[operation](stack, region, payload)
            empty = operation_model("sagemaker", operation).output_shape is None
        except AwsError as error:
            return refusal(error)
        except StorageFullError:
            return refusal(faults.storage_full())
        except Exception:  # noqa: BLE001  # the entry point: the client gets no trace
            _LOG.exception("request_crashed target=%s", request.headers.get(_HEADER))
            message = "The local SageMaker server failed; its own log says why"
            return refusal(AwsError("InternalFailure", message, 500))
        return answered(None if empty else answer)


_HEADER = "X-Amz-Target"


def parsed_body(request: Request) -> Mapping[str, Any]:
    """Return the members of a JSON 1.1 request, without those that are null."""
    if (request.content_length or 0) > LARGEST_BODY:
        message = f"The request is larger than {LARGEST_BODY} bytes"
        code = "RequestEntityTooLargeException"
        raise AwsError(code, message, 413)
    try:
        content = orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        code, message = "SerializationException", f"The request is not JSON: {error}"
        raise AwsError(code, message) from error
    if not isinstance(content, dict):
        code, message = "SerializationException", "The request is not a JSON object"
        raise AwsError(code, message)
    try:
        return without_null(content)
    except RecursionError as error:
        code, message = "SerializationException", "The request is nested too deeply"
        raise AwsError(code, message) from error


def without_null(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return members that are not null, however deep."""
    return {name: _inner(value) for name, value in content.items() if value is not None}


def answered(content: Mapping[str, Any] | None, status: int = 200) -> Response:
    """Return an answer in JSON 1.1; None is the empty body of a void operation."""
    body = b"" if content is None else orjson.dumps(content)
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    return Response(body, status, headers, content_type=CONTENT_TYPE)


def refusal(error: AwsError) -> Response:
    """Return an error in AWS's shape."""
    content = {"__type": error.code, "Message": str(error), "message": str(error)}
    response = answered(content, error.status)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def _inner(value: object) -> object:
    if isinstance(value, dict):
        return without_null(value)
    if isinstance(value, list):
        return [_inner(item) for item in value]
    return value


def _operation(request: Request) -> str:
    service, _, operation = request.headers.get(_HEADER, "").partition(".")
    if service != TARGET or operation not in operation_names("sagemaker"):
        target = request.headers.get(_HEADER, "")
        message = f"SageMaker has no operation '{target}'"
        code = "UnknownOperationException"
        raise AwsError(code, message)
    check_operation(operation)
    return operation


def _check(operation: str, payload: Mapping[str, Any]) -> None:
    found = violations("sagemaker", operation, payload)
    _raise_first([each for each in found if each.what == "type"])
    if found:
        raise faults.validation(summary(found))
    check_members(operation, payload)


def _raise_first(mistyped: list[Violation]) -> None:
    if mistyped:
        code, message = "SerializationException", mistyped[0].message
        raise AwsError(code, message)
