"""Conditional requests: If-Match, If-None-Match and their dates."""

import datetime as dt
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Self

from werkzeug.datastructures import Headers

from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import Code, S3Error


@dataclass(frozen=True)
class Conditions:
    """What must hold for a request to be carried out."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: float | None = None
    if_unmodified_since: float | None = None

    @classmethod
    def of(cls, headers: Headers, prefix: str = "") -> Self:
        """Read a request's conditions; `prefix` is for those of a copy's source."""
        return cls(
            if_match=headers.get(f"{prefix}If-Match"),
            if_none_match=headers.get(f"{prefix}If-None-Match"),
            if_modified_since=_seconds(headers.get(f"{prefix}If-Modified-Since")),
            if_unmodified_since=_seconds(headers.get(f"{prefix}If-Unmodified-Since")),
        )

    def check_write(self, current: StoredObject | None) -> None:
        """Refuse a write whose conditions the current object does not meet."""
        if self.if_none_match is not None:
            if self.if_none_match.strip() != "*":
                reason = "If-None-Match takes only '*' on a write"
                raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
            if current is not None:
                raise S3Error(Code.PRECONDITION_FAILED, Condition="If-None-Match")
        if self.if_match is not None:
            if current is None:
                raise S3Error(Code.NO_SUCH_KEY)
            if not _names(self.if_match, current.etag):
                raise S3Error(Code.PRECONDITION_FAILED, Condition="If-Match")

    def allows_read(self, current: StoredObject) -> bool:
        """Return False where the caller has this version; a broken one raises.

        A match of the ETag overrules the date, as RFC 9110 says.
        """
        changed = int(current.modified_at)
        if self.if_match is not None:
            if not _names(self.if_match, current.etag):
                raise S3Error(Code.PRECONDITION_FAILED, Condition="If-Match")
        elif changed > (self.if_unmodified_since or changed):
            raise S3Error(Code.PRECONDITION_FAILED, Condition="If-Unmodified-Since")
        if self.if_none_match is not None:
            return not _names(self.if_none_match, current.etag)
        since = self.if_modified_since
        return since is None or changed > since


UNCONDITIONAL = Conditions()


def _names(condition: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in condition.split(",")]
    return "*" in tags or etag in tags


def _seconds(date: str | None) -> float | None:
    if date is None:
        return None
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()
