"""The formats that requests and answers come in."""

from collections.abc import Mapping

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from slipway.container.serve.refusal import RequestRefusedError

JSON = "application/json"
LINES = "application/jsonlines"
CSV = "text/csv"

#: Each name that a format goes by.
FORMATS: Mapping[str, str] = {
    JSON: JSON,
    LINES: LINES,
    "application/x-jsonlines": LINES,
    "application/x-ndjson": LINES,
    CSV: CSV,
}


def request_format(content_type: str | None) -> str:
    """Return the name of a request's format; refuse another one with status 415."""
    name, options = parse_options_header(content_type or "")
    charset = options.get("charset", "utf-8").lower()
    if name.lower() not in FORMATS or charset not in {"utf-8", "utf8", "us-ascii"}:
        message = (
            f"The content type {content_type!r} is not read; send one of"
            f" {', '.join(FORMATS)}, in UTF-8"
        )
        raise RequestRefusedError(message, status=415, code="unsupported_media_type")
    return name.lower()


def answer_format(accept: MIMEAccept, asked: str) -> str:
    """Return the name of the format to answer in: the request's, unless Accept differs.

    Refuse with status 406 when Accept names no format that is written here.
    """
    if not accept:
        return asked
    offered = [asked, *(name for name in FORMATS if name != asked)]
    best = max(offered, key=lambda name: accept.quality(name))
    if accept.quality(best) <= 0:
        message = f"None of {accept.to_header()!r} is written; accept one of"
        message = f"{message} {', '.join(FORMATS)}"
        raise RequestRefusedError(message, status=406, code="not_acceptable")
    return best
