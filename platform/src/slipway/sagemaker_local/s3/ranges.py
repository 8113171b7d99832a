"""Byte ranges of an object."""

import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import Code, S3Error

_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")


@dataclass(frozen=True)
class Span:
    """The bytes that an answer carries."""

    start: int
    length: int
    #: Of the whole object.
    size: int
    #: False where the whole object was asked for.
    partial: bool

    @property
    def content_range(self) -> str:
        """The Content-Range header of a partial answer."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def copied_span(text: str | None, size: int) -> Span:
    """Return the span of a part that is copied; S3 takes nothing but first and last."""
    if text is None:
        return Span(0, size, size, partial=False)
    match = _RANGE.fullmatch(text)
    if match is None or not (match["first"] and match["last"]):
        reason = (
            "The x-amz-copy-source-range value must be of the form bytes=first-last "
            "where first and last are the zero-based offsets of the first and last "
            "bytes to copy"
        )
        raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
    first, last = int(match["first"]), int(match["last"])
    if not first <= last < size:
        reason = f"Range specified is not valid for source object of size: {size}"
        raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
    return Span(first, last - first + 1, size, partial=True)


def requested_span(headers: Headers, stored: StoredObject) -> Span:
    """Return what a Range header asks for; one that cannot be read is ignored."""
    return parsed_span(headers.get("Range", ""), stored.size)


def parsed_span(text: str, size: int) -> Span:
    """Return the span of a `bytes=first-last` text."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not (match["first"] or match["last"]):
        return Span(0, size, size, partial=False)
    if not match["first"]:
        length = min(int(match["last"]), size)
        if not length:
            raise S3Error(Code.INVALID_RANGE, ActualObjectSize=str(size))
        return Span(size - length, length, size, partial=True)
    first = int(match["first"])
    last = min(int(match["last"]), size - 1) if match["last"] else size - 1
    if first >= size:
        raise S3Error(Code.INVALID_RANGE, ActualObjectSize=str(size))
    if last < first:
        return Span(0, size, size, partial=False)
    return Span(first, last - first + 1, size, partial=True)
