"""InvokeEndpoint: a request to a variant, and the container's answer."""

import logging
import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
import urllib3
from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker.shapes import summary, violations
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.instance import (
    CONNECT_TIMEOUT,
    INVOCATION_TIMEOUT,
    Instance,
)
from slipway.sagemaker_local.endpoints.registry import Endpoints
from slipway.sagemaker_local.identity import ACCOUNT, arn

_LOG = logging.getLogger(__name__)
SERVICE, OPERATION = "sagemaker-runtime", "InvokeEndpoint"
#: AWS's limit for a request's body, in bytes.
LARGEST_BODY = 6_291_456
SUPPORTED = (
    "EndpointName",
    "Body",
    "ContentType",
    "Accept",
    "CustomAttributes",
    "TargetVariant",
    "InferenceId",
)
#: What the container sees of the caller's headers.
_FORWARDED = ("ContentType", "Accept", "CustomAttributes", "InferenceId")
_CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
#: How long a request waits for an instance that is being replaced, in seconds.
PATIENCE = 20.0
_REFUSED_PAUSE = 0.05
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary."
)
_LONGEST_MESSAGE = 1024
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class Runtime:
    """Answers `sagemaker-runtime`."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one invocation; a fault of the server is a 500."""
        try:
            return self._answer(request, region)
        except Exception:  # noqa: BLE001  # the entry point: the client gets no trace
            _LOG.exception("invocation_crashed path=%s", request.path)
            message = "The local SageMaker server failed; its own log says why"
            return _refusal("InternalFailure", message, 500)

    def _answer(self, request: Request, region: str) -> Response:
        _, _, name, *rest = request.path.split("/")
        if rest != ["invocations"] or request.method != "POST":
            message = (
                "The local SageMaker server has POST /endpoints/<name>/invocations "
                f"(InvokeEndpoint), not {request.method} {request.path}"
            )
            return _refusal("ValidationError", message)
        members = {"EndpointName": name, **_members(request)}
        wrong = _wrong(members, request)
        if wrong is not None:
            return _refusal("ValidationError", wrong)
        live = self._endpoints.live(arn(region, "endpoint", name))
        if live is None:
            message = f"Endpoint {name} of account {ACCOUNT} not found."
            return _refusal("ValidationError", message)
        with live.using() as fleet:
            return _invoked(fleet, members, request.get_data(), region)


def _invoked(
    fleet: Fleet, members: Mapping[str, str], body: bytes, region: str
) -> Response:
    variant = members.get("TargetVariant") or fleet.any_variant()
    if variant not in {each.name for each in fleet.plan.variants}:
        message = f"Variant {variant} not found for endpoint {members['EndpointName']}"
        return _refusal("ValidationError", message)
    headers = {
        _header_names()[name]: members[name] for name in _FORWARDED if name in members
    }
    name = members["EndpointName"]
    try:
        answer = _asked(fleet, variant, body, headers)
    except urllib3.exceptions.TimeoutError:
        return _model_error(name, region, 0, _TIMED_OUT)
    except urllib3.exceptions.HTTPError as error:
        reason = f"The container closed the connection: {error}"
        return _model_error(name, region, 0, reason)
    if answer is None:
        message = f"No instance of variant {variant} is ready"
        return _refusal("ServiceUnavailable", message, 503)
    if not 200 <= answer.status < 300:
        text = answer.data.decode(errors="replace")
        return _model_error(name, region, answer.status, text)
    return _passed_on(answer, variant)


def _asked(
    fleet: Fleet, variant: str, body: bytes, headers: Mapping[str, str]
) -> urllib3.BaseHTTPResponse | None:
    """Post to an instance; None where none is ready in time.

    A request that reached no container goes to the next one, and to a successor.
    """
    deadline = time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        with fleet.chosen(variant, left) as instance:
            if instance is None:
                return None
            try:
                return _posted(instance, body, headers)
            except urllib3.exceptions.NewConnectionError:
                if not instance.notice_end():
                    time.sleep(_REFUSED_PAUSE)
    return None


def _posted(
    instance: Instance, body: bytes, headers: Mapping[str, str]
) -> urllib3.BaseHTTPResponse:
    """Post to the container; once more where a kept connection was closed meanwhile."""
    try:
        return _post(instance, body, headers)
    except urllib3.exceptions.ProtocolError:
        # A request that ends its container must not end the next one.
        if instance.notice_end():
            raise
    return _post(instance, body, headers)


def _post(
    instance: Instance, body: bytes, headers: Mapping[str, str]
) -> urllib3.BaseHTTPResponse:
    return instance.pool.request(
        "POST",
        "/invocations",
        body=body,
        headers=dict(headers),
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=INVOCATION_TIMEOUT),
        redirect=False,
    )


def _passed_on(answer: urllib3.BaseHTTPResponse, variant: str) -> Response:
    headers = {
        "x-Amzn-Invoked-Production-Variant": variant,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    custom = answer.headers.get(_CUSTOM_ATTRIBUTES)
    if custom is not None:
        headers[_CUSTOM_ATTRIBUTES] = custom
    content_type = answer.headers.get("Content-Type", "application/octet-stream")
    return Response(answer.data, 200, headers, content_type=content_type)


@cache
def _header_names() -> dict[str, str]:
    """Return the header of each member that travels in one."""
    shape = input_shape(SERVICE, OPERATION)
    members: Mapping[str, Any] = shape.members if shape is not None else {}
    return {
        name: member.serialization["name"]
        for name, member in members.items()
        if member.serialization.get("location") == "header"
    }


def _members(request: Request) -> dict[str, str]:
    """Return the members that a request's headers hold."""
    return {
        member: request.headers[header]
        for member, header in _header_names().items()
        if header in request.headers
    }


def _wrong(members: Mapping[str, str], request: Request) -> str | None:
    """Return why an invocation is refused, or None."""
    for name in members:
        if name not in SUPPORTED:
            supported = ", ".join(SUPPORTED)
            return (
                f"The local SageMaker server does not support the member '{name}' in "
                f"{OPERATION}. Supported members: {supported}"
            )
    found = violations(SERVICE, OPERATION, {**members, "Body": b""})
    if found:
        return summary(found)
    if (request.content_length or 0) > LARGEST_BODY:
        return (
            "1 validation error detected: Value at 'body' failed to satisfy "
            f"constraint: Member must have length less than or equal to {LARGEST_BODY}"
        )
    return None


def _model_error(name: str, region: str, status: int, text: str) -> Response:
    who = "client" if _CLIENT_ERROR <= status < _SERVER_ERROR else "server"
    group = f"/aws/sagemaker/Endpoints/{name}"
    message = (
        f'Received {who} error ({status}) from primary with message "'
        f'{text[:_LONGEST_MESSAGE]}". See the log group {group} in account {ACCOUNT} '
        "for more information."
    )
    return _refusal(
        "ModelError",
        message,
        424,
        OriginalStatusCode=status,
        OriginalMessage=text[:_LONGEST_MESSAGE],
        LogStreamArn=f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}",
    )


def _refusal(code: str, message: str, status: int = 400, **members: object) -> Response:
    body = orjson.dumps({"Message": message, **members})
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(body, status, headers, content_type="application/json")
