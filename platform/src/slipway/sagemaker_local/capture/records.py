"""One invocation as a line of JSON, and the key of a file of such lines."""

import base64
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson

from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.endpoints.observation import Invocation

_VERSION = "0"
Mode = Literal["INPUT", "OUTPUT"]
#: What each CaptureMode of a config takes.
_MODES: Mapping[str, Sequence[Mode]] = {
    "Input": ("INPUT",),
    "Output": ("OUTPUT",),
    "InputAndOutput": ("INPUT", "OUTPUT"),
}
_MEMBERS: Mapping[Mode, str] = {"INPUT": "endpointInput", "OUTPUT": "endpointOutput"}
#: The encoding that each list of content types stands for.
_LISTS = {"CsvContentTypes": "CSV", "JsonContentTypes": "JSON"}


def line(invocation: Invocation, config: Mapping[str, Any]) -> bytes:
    """Return an invocation as a DataCaptureConfig wants it, with the line's end."""
    modes = [
        mode
        for option in config["CaptureOptions"]
        for mode in _MODES[option["CaptureMode"]]
    ]
    encodings = _encodings(config)
    captured = {
        _MEMBERS[mode]: _side(invocation, mode, encodings)
        for mode in _MEMBERS
        if mode in modes
    }
    record = {
        "captureData": captured,
        "eventMetadata": _metadata(invocation),
        "eventVersion": _VERSION,
    }
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def file_key(prefix: S3Uri, first: Invocation) -> S3Uri:
    """Return a new address for a file, by the time of its first invocation, in UTC."""
    begun = _utc(first.begun_at)
    millisecond = begun.microsecond // 1000
    name = f"{begun:%Y/%m/%d/%H/%M-%S}-{millisecond:03}-{uuid.uuid4()}.jsonl"
    return prefix / first.endpoint / first.variant / name


def hour(invocation: Invocation) -> int:
    """Return which hour an invocation is of, since the epoch."""
    return int(invocation.begun_at // 3600)


def _metadata(invocation: Invocation) -> dict[str, Any]:
    begun = _utc(invocation.begun_at)
    metadata: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if invocation.custom_attributes is not None:
        metadata["customAttributes"] = [invocation.custom_attributes]
    if invocation.inference_id is not None:
        metadata["inferenceId"] = invocation.inference_id
    return {**metadata, "inferenceTime": f"{begun:%Y-%m-%dT%H:%M:%SZ}"}


def _side(
    invocation: Invocation, mode: Mode, encodings: Mapping[str, str]
) -> dict[str, str]:
    data, observed = invocation.request, invocation.content_type
    if mode == "OUTPUT":
        data, observed = invocation.answer, invocation.answer_content_type
    encoding = encodings.get(_media_type(observed), "BASE64")
    try:
        text = "" if encoding == "BASE64" else data.decode()
    except UnicodeDecodeError:
        encoding = "BASE64"
    if encoding == "BASE64":
        text = base64.b64encode(data).decode()
    return {
        "observedContentType": observed or "",
        "mode": mode,
        "data": text,
        "encoding": encoding,
    }


def _encodings(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the encoding of each content type that a config lists."""
    lists = config.get("CaptureContentTypeHeader", {})
    return {
        _media_type(each): encoding
        for name, encoding in _LISTS.items()
        for each in lists.get(name, ())
    }


def _media_type(content_type: str | None) -> str:
    """Return a content type without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def _utc(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
