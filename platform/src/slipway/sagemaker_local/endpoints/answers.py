"""A container's answer, read from its connection."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from slipway.errors import SlipwayError

_STATUS = re.compile(rb"HTTP/(1\.[01]) ([1-9]\d\d)(?: [^\r\n]*)?\r?\n")
_LONGEST_LINE, _MOST_HEADERS = 65_536, 200
_FINAL = 200
#: Answers that have no body, whatever their headers say.
_EMPTY = (204, 304)


class NotHttpError(SlipwayError):
    """What came is no HTTP answer, or only the beginning of one."""


class Source(Protocol):
    """A stream of bytes."""

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, at most so many bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, or all to the end where there are not."""


@dataclass(frozen=True)
class Answer:
    """What a container answered."""

    status: int
    #: By name in lower case; the last one of a name.
    headers: Mapping[str, str]
    data: bytes
    #: The container takes another request on the same connection.
    stays: bool


def read_answer(source: Source) -> Answer:
    """Read one answer to a POST; anything else is a NotHttpError."""
    version, status = _status(source)
    headers = _headers(source)
    while status < _FINAL:
        version, status = _status(source)
        headers = _headers(source)
    said = headers.get("connection", "").lower()
    stays = "close" not in said if version == b"1.1" else "keep-alive" in said
    if status in _EMPTY:
        return Answer(status, headers, b"", stays)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return Answer(status, headers, b"".join(_chunks(source)), stays)
    if "content-length" not in headers:
        return Answer(status, headers, source.read(), stays=False)
    size = _number(headers["content-length"], 10)
    return Answer(status, headers, _exactly(source, size), stays)


def _status(source: Source) -> tuple[bytes, int]:
    line = source.readline(_LONGEST_LINE)
    found = _STATUS.fullmatch(line)
    if found is None:
        message = f"it answered {line[:100]!r}" if line else "it sent no answer"
        raise NotHttpError(message)
    return found[1], int(found[2])


def _headers(source: Source) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = source.readline(_LONGEST_LINE)
        if line in (b"\r\n", b"\n"):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not line.endswith(b"\n"):
            message = f"its header is broken at {line[:100]!r}"
            raise NotHttpError(message)
        headers[name.strip().lower()] = value.strip()
    message = f"it sent more than {_MOST_HEADERS} headers"
    raise NotHttpError(message)


def _chunks(source: Source) -> Iterator[bytes]:
    while size := _number(_line(source).partition(b";")[0].decode("latin-1"), 16):
        yield _exactly(source, size)
        if _line(source).strip():
            message = "a chunk of its answer is longer than it says"
            raise NotHttpError(message)
    _headers(source)


def _line(source: Source) -> bytes:
    line = source.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        message = "its answer ends early"
        raise NotHttpError(message)
    return line


def _number(text: str, base: int) -> int:
    digits = "[0-9]{1,18}" if base == 10 else "[0-9a-fA-F]{1,15}"
    if not re.fullmatch(digits, text.strip()):
        message = f"it gives {text[:100]!r} for a size"
        raise NotHttpError(message)
    return int(text, base)


def _exactly(source: Source, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        message = f"its answer ends after {len(data)} of {size} bytes"
        raise NotHttpError(message)
    return data
