"""Listings of jobs: filtered, sorted, in pages."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.jobs.kinds import JobKind
from slipway.sagemaker_local.store import Record, Selection, Store

_DEFAULT_LIMIT = 10
_ORDERS = {"CreationTime": "created_at", "Name": "name", "Status": "status"}


@dataclass(frozen=True)
class JobListing:
    """One List operation."""

    kind: JobKind
    #: The member of the answer that holds the page.
    summaries: str
    #: Members of the description that each summary repeats.
    members: tuple[str, ...]


def list_jobs(
    store: Store, region: str, listing: JobListing, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one page of jobs."""
    limit = payload.get("MaxResults", _DEFAULT_LIMIT)
    order = _ORDERS[payload.get("SortBy", "CreationTime")]
    token = payload.get("NextToken")
    found = store.select(
        Selection(
            kind=listing.kind.kind,
            region=region,
            name_contains=payload.get("NameContains"),
            status=payload.get("StatusEquals"),
            later_than=_bounds(payload, "After"),
            earlier_than=_bounds(payload, "Before"),
            order=order,
            descending=payload.get("SortOrder") == "Descending",
            after=_after(token) if token is not None else None,
            limit=limit + 1,
        )
    )
    page = found[:limit]
    answer: dict[str, Any] = {
        listing.summaries: [_summary(listing, record) for record in page]
    }
    if len(found) > limit:
        answer["NextToken"] = _token(page[-1], order)
    return answer


def seconds(moment: float | str) -> float:
    """Return a timestamp of a request as seconds since the epoch."""
    if not isinstance(moment, str):
        return float(moment)
    try:
        return dt.datetime.fromisoformat(moment).timestamp()
    except ValueError as error:
        message = f"'{moment}' is not a timestamp: give seconds since the epoch"
        raise validation(message) from error


def _bounds(payload: Mapping[str, Any], side: str) -> dict[str, float]:
    columns = {"CreationTime": "created_at", "LastModifiedTime": "modified_at"}
    return {
        column: seconds(payload[member + side])
        for member, column in columns.items()
        if payload.get(member + side) is not None
    }


def _summary(listing: JobListing, job: Record) -> dict[str, Any]:
    prefix = listing.kind.prefix
    own = (f"{prefix}JobName", f"{prefix}JobArn", *listing.members)
    repeated = {name: job.description[name] for name in own if name in job.description}
    return {
        **repeated,
        f"{prefix}JobStatus": job.status,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.modified_at,
    }


def _token(last: Record, order: str) -> str:
    content = orjson.dumps([getattr(last, order), last.arn])
    return base64.urlsafe_b64encode(content).decode()


def _after(token: str) -> tuple[Any, str]:
    try:
        value, arn = orjson.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError) as error:
        message = "Invalid NextToken: pass the one of the answer before, unchanged"
        raise validation(message) from error
    if not isinstance(value, str | float) or not isinstance(arn, str):
        message = "Invalid NextToken: pass the one of the answer before, unchanged"
        raise validation(message)
    return value, arn
