"""The three protocols that CloudWatch is spoken to in, and which one a request is in."""

import re
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import input_shape, operation_model
from slipway.sagemaker_local.cloudwatch.wire.document import document
from slipway.sagemaker_local.cloudwatch.wire.faults import SERVICE, error_shape
from slipway.sagemaker_local.cloudwatch.wire.form import members_of
from slipway.sagemaker_local.cloudwatch.wire.moments import written
from slipway.sagemaker_local.cloudwatch.wire.special_numbers import (
    with_special_numbers,
)
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.protocol import LARGEST_BODY, without_null
from slipway.sagemaker_local.refusals import query_refusal

_TARGET = "GraniteServiceVersion20100801"
_RPC_PATH = re.compile(rf"/service/{_TARGET}/operation/(\w{{1,64}})")
_CBOR, _JSON, _XML = "application/cbor", "application/x-amz-json-1.0", "text/xml"
#: Bytes and text that can be nested: CloudWatch's requests are five levels deep.
_DEEPEST = 32
_SERVER_ERROR = 500
_GZIP = 16 + zlib.MAX_WBITS

Members = Mapping[str, Any]


@dataclass(frozen=True)
class Protocol:
    """How one of them is read and written."""

    content_type: str
    #: Of every answer.
    headers: Mapping[str, str]
    #: Returns the name of the operation that a request asks for, and its members.
    operation: Callable[[Request], str]
    members: Callable[[Request, str], Members]
    #: Writes an answer of an operation, whose request has this id.
    answer: Callable[[str, Members, str], bytes]


def protocol_of(request: Request) -> Protocol:
    """Return the protocol that a request is in."""
    if _RPC_PATH.fullmatch(request.path):
        return CBOR
    return JSON if "X-Amz-Target" in request.headers else QUERY


def answered(protocol: Protocol, operation: str, content: Members) -> Response:
    """Return the answer of an operation."""
    request_id = str(uuid.uuid4())
    body = protocol.answer(operation, content, request_id)
    headers = {"x-amzn-RequestId": request_id, **protocol.headers}
    return Response(body, 200, headers, content_type=protocol.content_type)


def refused(protocol: Protocol, operation: str, error: AwsError) -> Response:
    """Return an error as clients of a protocol read it; they all know it by its code."""
    if protocol is QUERY:
        return query_refusal(error)
    shape = error_shape(operation, error.code) if operation else error.code
    content = {"__type": shape, "message": str(error), "Message": str(error)}
    body = cbor2.dumps(content) if protocol is CBOR else orjson.dumps(content)
    headers = {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "x-amzn-ErrorType": shape,
        "x-amzn-query-error": f"{error.code};{_at_fault(error)}",
        **protocol.headers,
    }
    return Response(body, error.status, headers, content_type=protocol.content_type)


def _at_fault(error: AwsError) -> str:
    return "Receiver" if error.status >= _SERVER_ERROR else "Sender"


def _body(request: Request) -> bytes:
    """Return a request's body, unpacked where the client packed it."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise _too_large()
    body = request.get_data()
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return body
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(body, LARGEST_BODY + 1)
    except zlib.error as error:
        message = f"The body is not gzip: {error}"
        raise _unreadable(message) from error
    if len(unpacked) > LARGEST_BODY:
        raise _too_large()
    return unpacked


def _too_large() -> AwsError:
    message = f"The request is larger than {LARGEST_BODY} bytes"
    return AwsError("RequestEntityTooLarge", message, 413)


def _unreadable(message: str) -> AwsError:
    return AwsError("SerializationException", message)


def _structure(content: object) -> Members:
    if not isinstance(content, dict):
        message = "The request is not a structure"
        raise _unreadable(message)
    return without_null(content)


def _cbor_members(request: Request, _: str) -> Members:
    body = _body(request)
    try:
        return _structure(cbor2.loads(body, max_depth=_DEEPEST) if body else {})
    except (cbor2.CBORDecodeError, RecursionError) as error:
        message = f"The request is not CBOR: {error}"
        raise _unreadable(message) from error


def _json_members(request: Request, operation: str) -> Members:
    try:
        members = _structure(orjson.loads(_body(request) or b"{}"))
    except (orjson.JSONDecodeError, RecursionError) as error:
        message = f"The request is not JSON: {error}"
        raise _unreadable(message) from error
    read: Members = with_special_numbers(members, input_shape(SERVICE, operation))
    return read


def _form_members(request: Request, operation: str) -> Members:
    return members_of(_form(request), input_shape(SERVICE, operation))


def _form(request: Request) -> Mapping[str, str]:
    if (request.content_length or 0) > LARGEST_BODY:
        raise _too_large()
    return {**request.args.to_dict(), **request.form.to_dict()}


def _path_operation(request: Request) -> str:
    match = _RPC_PATH.fullmatch(request.path)
    return match[1] if match else ""


def _target_operation(request: Request) -> str:
    service, _, operation = request.headers["X-Amz-Target"].partition(".")
    return operation if service == _TARGET else ""


def _cbor_answer(operation: str, content: Members, _: str) -> bytes:
    shape = operation_model(SERVICE, operation).output_shape
    moments = written(content, shape) if shape is not None else {}
    return cbor2.dumps(moments, datetime_as_timestamp=True)


def _json_answer(_operation: str, content: Members, _: str) -> bytes:
    return orjson.dumps(content)


def _xml_answer(operation: str, content: Members, request_id: str) -> bytes:
    return document(operation_model(SERVICE, operation), content, request_id)


CBOR = Protocol(
    _CBOR,
    {"smithy-protocol": "rpc-v2-cbor"},
    _path_operation,
    _cbor_members,
    _cbor_answer,
)
JSON = Protocol(_JSON, {}, _target_operation, _json_members, _json_answer)
QUERY = Protocol(
    _XML,
    {},
    lambda request: _form(request).get("Action", ""),
    _form_members,
    _xml_answer,
)
