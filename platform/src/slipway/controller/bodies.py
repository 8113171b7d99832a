"""Bodies that are to be JSON objects: of requests, and of an endpoint's answers."""

from typing import Any

import orjson

from slipway.errors import SlipwayError


def parse_object(
    content: bytes, what: str, error: type[SlipwayError]
) -> dict[str, Any]:
    """Return the object that a body is; raise `error`, which says `what` is none."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        message = f"{what} is not JSON: {fault}"
        raise error(message) from fault
    if not isinstance(body, dict):
        message = f"{what} is {type(body).__name__}, not an object"
        raise error(message)
    return body
