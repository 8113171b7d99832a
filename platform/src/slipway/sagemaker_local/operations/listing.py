"""Listings: filtered, sorted, in pages."""

import base64
import binascii
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from slipway.sagemaker_local.faults import invalid_token, validation
from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.selection import (
    KEYS,
    Bound,
    Listed,
    Matching,
    Order,
    Selection,
)
from slipway.sagemaker_local.store import Store

_DEFAULT_LIMIT = 10
_ORDERS: Mapping[str, Order] = {
    "CreationTime": "created_at",
    "Name": "name",
    "Status": "status",
}
_TIMES: Mapping[str, Literal["created_at", "modified_at"]] = {
    "CreationTime": "created_at",
    "LastModifiedTime": "modified_at",
}
_EVERYTHING = Matching()


@dataclass(frozen=True)
class Listing:
    """One List operation, as AWS documents it."""

    kind: Kind
    #: The member of the answer that holds the page.
    summaries: str
    #: The member of each summary that is the status; None where there is none.
    status: str | None = None
    #: Shows when each was last modified.
    shows_modified: bool = False
    #: AWS's default order is the newest first.
    newest_first: bool = False
    #: `…After` takes what was created at that very moment, too.
    after_is_included: bool = False
    #: A page of `MaxResults` is cut first, and filtered by `StatusEquals` then.
    status_is_last: bool = False


def list_page(
    store: Store,
    region: str,
    listing: Listing,
    payload: Mapping[str, Any],
    matching: Matching = _EVERYTHING,
) -> dict[str, Any]:
    """Return one page of resources, of those whose summary matches."""
    asked = replace(_asked(listing, region, payload), matching=matching)
    late = listing.status_is_last and "MaxResults" in payload
    status = asked.status
    if late:
        asked = replace(asked, status=None)
    # One more than the page says whether there is another.
    found = store.select(replace(asked, limit=asked.limit + 1))
    page = found[: asked.limit]
    answer: dict[str, Any] = {
        listing.summaries: [
            _summary(listing, each)
            for each in page
            if not late or status in (None, each.status)
        ]
    }
    if len(found) > len(page):
        place = [asked.order, asked.descending, *page[-1].key(asked.order)]
        answer["NextToken"] = encoded(place)
    return answer


def _asked(listing: Listing, region: str, payload: Mapping[str, Any]) -> Selection:
    order = _ORDERS[payload.get("SortBy", "CreationTime")]
    default = "Descending" if listing.newest_first else "Ascending"
    descending = payload.get("SortOrder", default) == "Descending"
    token = payload.get("NextToken")
    return Selection(
        kind=listing.kind,
        region=region,
        name_contains=payload.get("NameContains"),
        status=payload.get("StatusEquals"),
        bounds=tuple(_bounds(listing, payload)),
        order=order,
        descending=descending,
        after=None if token is None else _after(token, order, descending),
        limit=payload.get("MaxResults", _DEFAULT_LIMIT),
    )


def seconds(moment: float | str) -> float:
    """Return a timestamp of a request as seconds since the epoch."""
    if not isinstance(moment, str):
        return float(moment)
    try:
        return dt.datetime.fromisoformat(moment).timestamp()
    except ValueError as error:
        message = f"'{moment}' is not a timestamp: give seconds since the epoch"
        raise validation(message) from error


def encoded(place: list[Any]) -> str:
    """Return a place in a listing as a NextToken."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def decoded(token: str) -> list[Any]:
    """Return the place of a NextToken; one that is not ours is AWS's error."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError) as error:
        raise invalid_token() from error
    if not isinstance(place, list):
        raise invalid_token()
    return place


def _after(token: str, order: Order, descending: bool) -> tuple[Any, ...]:
    place = decoded(token)
    key = tuple(place[2:])
    types = [float if column == "created_at" else str for column in KEYS[order]]
    if place[:2] != [order, descending] or list(map(type, key)) != types:
        raise invalid_token()
    return key


def _bounds(listing: Listing, payload: Mapping[str, Any]) -> Iterator[Bound]:
    for member, column in _TIMES.items():
        included = listing.after_is_included and member == "CreationTime"
        if (after := payload.get(f"{member}After")) is not None:
            yield Bound(column, ">=" if included else ">", seconds(after))
        if (before := payload.get(f"{member}Before")) is not None:
            yield Bound(column, "<", seconds(before))


def _summary(listing: Listing, found: Listed) -> dict[str, Any]:
    shown = {**found.members, "CreationTime": found.created_at}
    if listing.status is not None:
        shown[listing.status] = found.status
    if listing.shows_modified:
        shown["LastModifiedTime"] = found.modified_at
    return shown
