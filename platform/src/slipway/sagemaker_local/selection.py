"""The question that a listing asks the store, and its SQL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slipway.sagemaker_local.identity import Kind

Order = Literal["created_at", "name", "status"]
#: By order: what makes it total. The store has an index for each that also holds every
#: column that a listing filters by.
KEYS: Mapping[Order, tuple[str, ...]] = {
    "created_at": ("created_at", "arn"),
    "name": ("name", "arn"),
    "status": ("status", "created_at", "arn"),
}
_LISTED = "arn, name, status, created_at, modified_at, summary"


@dataclass(frozen=True)
class Bound:
    """A limit of a time."""

    column: Literal["created_at", "modified_at"]
    operator: Literal[">", ">=", "<"]
    #: Seconds since the epoch.
    moment: float


@dataclass(frozen=True)
class Matching:
    """What a summary must have."""

    #: By member.
    values: Mapping[str, str] = field(default_factory=dict)
    #: Members that must be there, or must not.
    present: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Selection:
    """Which resources a listing shows, in which order."""

    kind: Kind
    region: str
    name_contains: str | None = None
    status: str | None = None
    bounds: tuple[Bound, ...] = ()
    matching: Matching = field(default_factory=Matching)
    order: Order = "created_at"
    descending: bool = False
    #: The key of the last one of the page before.
    after: tuple[Any, ...] | None = None
    limit: int = 100


@dataclass(frozen=True)
class Listed:
    """One resource as a listing shows it."""

    arn: str
    name: str
    status: str
    #: Seconds since the epoch.
    created_at: float
    modified_at: float
    #: The members that its kind's summary has.
    members: Mapping[str, Any]

    def key(self, order: Order) -> tuple[Any, ...]:
        """Return where it stands in an order."""
        return tuple(getattr(self, column) for column in KEYS[order])


def statement(selection: Selection) -> tuple[str, list[Any]]:
    """Return the SQL of a selection and its values.

    The rows are found in an index alone; only those of the page are read.
    """
    conditions = list(_conditions(selection))
    direction = " DESC" if selection.descending else ""
    order = ", ".join(f"{column}{direction}" for column in KEYS[selection.order])
    where = " AND ".join(sql for sql, _ in conditions)
    # Every name in these texts is one of this module's own; values are bound.
    page = (
        f"SELECT rowid FROM resource INDEXED BY {_index(selection)} "  # noqa: S608  # as above
        f"WHERE {where} ORDER BY {order} LIMIT ?"
    )
    values = [value for _, each in conditions for value in each]
    sql = f"SELECT {_LISTED} FROM resource WHERE rowid IN ({page}) ORDER BY {order}"  # noqa: S608  # as above
    return sql, [*values, selection.limit]


def _index(selection: Selection) -> str:
    by_status = selection.status is not None and selection.order == "created_at"
    return f"listing_by_{'status' if by_status else selection.order}"


def _conditions(selection: Selection) -> Iterator[tuple[str, list[Any]]]:
    yield "kind = ? AND region = ?", [selection.kind, selection.region]
    if selection.name_contains is not None:
        yield r"name LIKE ? ESCAPE '\'", [f"%{_escaped(selection.name_contains)}%"]
    if selection.status is not None:
        yield "status = ?", [selection.status]
    for bound in selection.bounds:
        yield f"{bound.column} {bound.operator} ?", [bound.moment]
    for name, value in selection.matching.values.items():
        yield "json_extract(summary, ?) = ?", [f"$.{name}", value]
    for name, is_there in selection.matching.present.items():
        yield "(json_extract(summary, ?) IS NOT NULL) = ?", [f"$.{name}", is_there]
    if selection.after is not None:
        key = KEYS[selection.order]
        side = "<" if selection.descending else ">"
        places = ", ".join("?" * len(key))
        yield f"({', '.join(key)}) {side} ({places})", list(selection.after)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
