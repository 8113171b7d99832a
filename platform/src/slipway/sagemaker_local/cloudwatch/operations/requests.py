"""What several operations read from a request."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from slipway.sagemaker_local.cloudwatch.wire.faults import invalid, invalid_token
from slipway.sagemaker_local.cloudwatch.wire.moments import seconds

Members = Mapping[str, Any]
Item = TypeVar("Item")
_TOKEN = re.compile(r"item/(\d{1,9})")
#: The year 9999, in seconds since the epoch.
_LAST_MOMENT = 253_402_300_799


def moment(operation: str, members: Members, name: str) -> float | None:
    """Return a moment of a request in seconds since the epoch; None if not given."""
    value = members.get(name)
    if value is None:
        return None
    try:
        found = seconds(value)
    except ValueError as error:
        message = f"The parameter {name} must be a timestamp: {error}"
        raise invalid(operation, message[:500]) from error
    if not 0 <= found <= _LAST_MOMENT:
        message = f"The parameter {name} must lie between the years 1970 and 9999"
        raise invalid(operation, message)
    return found


def page(
    items: Sequence[Item], members: Members, most: int
) -> tuple[Sequence[Item], dict[str, str]]:
    """Return the items of a request's page, and the NextToken where there are more."""
    start = position(members)
    following = start + most
    more = {"NextToken": token(following)} if following < len(items) else {}
    return items[start:following], more


def position(members: Members) -> int:
    """Return how many items the pages before had, as the request's NextToken says."""
    given = members.get("NextToken")
    if given is None:
        return 0
    try:
        match = _TOKEN.fullmatch(base64.b64decode(given, validate=True).decode())
    except ValueError as error:
        raise invalid_token() from error
    if match is None:
        raise invalid_token()
    return int(match[1])


def token(start: int) -> str:
    """Return the NextToken of the page that begins there."""
    return base64.b64encode(f"item/{start}".encode()).decode()
