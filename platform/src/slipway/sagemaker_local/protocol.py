"""AWS's JSON 1.1: requests checked against the service model, answers, errors."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import operation_model, operation_names
from slipway.sagemaker.shapes import summary, violations
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.outcome import outcome
from slipway.sagemaker_local.supported.check import check_members

CONTENT_TYPE = "application/x-amz-json-1.1"
LARGEST_BODY = 4 * 1024 * 1024
_HEADER = "X-Amz-Target"
#: Takes an operation, the caller's region and the checked request; returns the answer's
#: members.
CarryOut = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class JsonService:
    """A service that is asked in JSON 1.1, and how it refuses."""

    #: boto3's name of it, and AWS's.
    name: str
    title: str
    #: What stands before an operation in X-Amz-Target.
    target: str
    #: By operation, the members and values that are taken.
    supported: Mapping[str, Mapping[str, Any]]
    #: Make the answers to a wrong request, and to an operation that only AWS has.
    invalid: Callable[[str], AwsError]
    not_supported: Callable[[str], AwsError]
    #: The code of a fault of the server.
    crash: str
    #: Whether its table says more of a value than AWS's enums, which have more.
    enums_last: bool = False


class JsonFront:
    """Answers the operations of a service."""

    def __init__(self, service: JsonService, carry_out: CarryOut) -> None:
        self._service = service
        self._carry_out = carry_out

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one request; a fault of the server is a 500."""
        message = "The local SageMaker server failed; its own log says why"
        return outcome(
            lambda: self._answer(request, region),
            refusal,
            crashed=AwsError(self._service.crash, message, 500),
        )

    def _answer(self, request: Request, region: str) -> Response:
        operation = self._operation(request)
        payload = parsed_body(request)
        self._check(operation, payload)
        content = self._carry_out(operation, region, payload)
        void = operation_model(self._service.name, operation).output_shape is None
        return answered(None if void else content)

    def _operation(self, request: Request) -> str:
        asked = request.headers.get(_HEADER, "")
        if not asked:
            raise self._without_operation(request)
        target, _, operation = asked.partition(".")
        known = operation_names(self._service.name)
        if target != self._service.target or operation not in known:
            code = "UnknownOperationException"
            message = f"{self._service.title} has no operation '{asked}'"
            raise AwsError(code, message)
        if operation not in self._service.supported:
            raise self._service.not_supported(operation)
        return operation

    def _without_operation(self, request: Request) -> AwsError:
        """Return the answer to a request of a service that only signs like this one."""
        title, target = self._service.title, self._service.target
        message = (
            f"{request.method} {request.path} names no operation of {title}: the local "
            f"server takes POST / with {_HEADER}: {target}.<Operation>"
        )
        return AwsError("UnknownOperationException", message)

    def _check(self, operation: str, payload: Mapping[str, Any]) -> None:
        service = self._service
        found = violations(service.name, operation, payload)
        mistyped = [each for each in found if each.what == "type"]
        if mistyped:
            code, message = "SerializationException", mistyped[0].message
            raise AwsError(code, message)
        first = [
            each for each in found if each.what != "enum" or not service.enums_last
        ]
        if first:
            raise service.invalid(summary(first))
        try:
            check_members(operation, payload, service.supported)
        except AwsError as error:
            raise service.invalid(str(error)) from error
        if found:
            raise service.invalid(summary(found))


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
