"""The members of List requests."""

from collections.abc import Mapping
from typing import Any

_PAGE: Mapping[str, Any] = {
    "SortBy": None,
    "SortOrder": None,
    "NextToken": None,
    "MaxResults": None,
}
_CREATED: Mapping[str, Any] = {
    "NameContains": None,
    "CreationTimeAfter": None,
    "CreationTimeBefore": None,
}
_STATUS: Mapping[str, Any] = {
    "StatusEquals": None,
    "LastModifiedTimeAfter": None,
    "LastModifiedTimeBefore": None,
}
#: Of what has a name and nothing that changes.
STATIC: Mapping[str, Any] = {**_CREATED, **_PAGE}
#: Of what has a status, too.
CHANGING: Mapping[str, Any] = {**_CREATED, **_STATUS, **_PAGE}
