"""InvokeEndpoint: a request to a variant, and the container's answer."""

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import (
    input_shape,
    operation_model,
    operation_names,
)
from slipway.sagemaker.shapes import summary, violations
from slipway.sagemaker_local.endpoints.answers import Answer
from slipway.sagemaker_local.endpoints.asking import Asked, Waits, ask
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.observation import Invocation, Observer
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
_BINARY = "application/octet-stream"
_LONGEST_MESSAGE = 1024
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class Runtime:
    """Answers `sagemaker-runtime`."""

    def __init__(
        self,
        endpoints: Endpoints,
        observers: Sequence[Observer] = (),
        *,
        waits: Waits | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._waits = waits or Waits()
        self._observers = observers

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
            return _refusal("ValidationError", _no_operation(request, rest))
        members = {"EndpointName": name, **_members(request)}
        wrong = _wrong(members, request)
        if wrong is not None:
            return _refusal("ValidationError", wrong)
        live = self._endpoints.live(arn(region, "endpoint", name))
        if live is None or live.name != name:
            message = f"Endpoint {name} of account {ACCOUNT} not found."
            return _refusal("ValidationError", message)
        with live.using(members.get("TargetVariant")) as (fleet, variant):
            response, invocation = self._invoked(
                fleet, variant, members, request.get_data(), region
            )
        if invocation is not None:
            for observer in self._observers:
                observer(invocation)
        return response

    def _invoked(
        self,
        fleet: Fleet,
        variant: str,
        members: Mapping[str, str],
        body: bytes,
        region: str,
    ) -> tuple[Response, Invocation | None]:
        """Return the answer, and what observers are told; None without a variant."""
        begun_at, begin = time.time(), time.perf_counter()
        if variant not in {each.name for each in fleet.plan.variants}:
            message = (
                f"Variant {variant} not found for endpoint {members['EndpointName']}"
            )
            return _refusal("ValidationError", message), None
        headers = {
            _header_names()[name]: members[name]
            for name in _FORWARDED
            if name in members
        }
        asked = ask(fleet, variant, body, headers, self._waits)
        response = _response(asked, members["EndpointName"], variant, region)
        answer = asked.answer
        whole = time.perf_counter() - begin
        return response, Invocation(
            region=region,
            endpoint=members["EndpointName"],
            config=fleet.plan.config,
            variant=variant,
            begun_at=begun_at,
            model_latency=asked.latency,
            overhead_latency=whole - asked.latency,
            status=response.status_code,
            original_status=answer.status if answer is not None else 0,
            request=body,
            answer=answer.data if answer is not None else b"",
            content_type=members.get("ContentType"),
            answer_content_type=(
                answer.headers.get("content-type") if answer is not None else None
            ),
            inference_id=members.get("InferenceId"),
            custom_attributes=members.get("CustomAttributes"),
            instances=max(fleet.ready_count(variant), 1),
            capture=fleet.plan.capture,
        )


def _response(asked: Asked, endpoint: str, variant: str, region: str) -> Response:
    if asked.answer is None and asked.fault is not None:
        return _model_error(endpoint, region, 0, asked.fault)
    if asked.answer is None:
        message = f"No instance of variant {variant} is ready"
        return _refusal("ServiceUnavailable", message, 503)
    if not 200 <= asked.answer.status < 300:
        text = asked.answer.data.decode(errors="replace")
        return _model_error(endpoint, region, asked.answer.status, text)
    return _passed_on(asked.answer, variant)


def _passed_on(answer: Answer, variant: str) -> Response:
    headers = {
        "x-Amzn-Invoked-Production-Variant": variant,
        "x-amzn-RequestId": str(uuid.uuid4()),
        "Content-Type": answer.headers.get("content-type", _BINARY),
    }
    custom = answer.headers.get(_CUSTOM_ATTRIBUTES.lower())
    if custom is not None:
        headers[_CUSTOM_ATTRIBUTES] = custom
    return Response(answer.data, 200, headers)


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


@cache
def _variables() -> dict[str, str]:
    """Return the WSGI variable of each member that travels in a header."""
    spelt = {
        name: header.upper().replace("-", "_")
        for name, header in _header_names().items()
    }
    return {
        name: variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"
        for name, variable in spelt.items()
    }


def _members(request: Request) -> dict[str, str]:
    """Return the members that a request's headers hold."""
    # Werkzeug's headers take three times as long to ask.
    asked = request.environ
    return {
        member: asked[variable]
        for member, variable in _variables().items()
        if variable in asked
    }


def _no_operation(request: Request, below: Sequence[str]) -> str:
    """Say what a path that is not InvokeEndpoint's asks for, and what there is."""
    path = "/".join(("/endpoints/{EndpointName}", *below))
    for name in operation_names(SERVICE):
        http = operation_model(SERVICE, name).http
        if (http["method"], http["requestUri"]) == (request.method, path):
            return (
                "The local SageMaker server does not support the operation "
                f"'{name}'. Supported: {OPERATION}"
            )
    return (
        "The local SageMaker server has POST /endpoints/<name>/invocations "
        f"({OPERATION}), not {request.method} {request.path}"
    )


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
