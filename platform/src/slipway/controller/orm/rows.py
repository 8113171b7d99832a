"""What every row has, and the constraints that charts give tables."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Index,
    MetaData,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slipway.controller.states import CHARTS

#: Constraints have names, so that migrations can change them on every database.
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def listed(names: Iterable[str]) -> str:
    """Return names as SQL's IN takes them."""
    return ", ".join(f"'{name}'" for name in names)


def known_state(kind: str) -> CheckConstraint:
    """Return the constraint that a row stands in its chart."""
    return CheckConstraint(f"state IN ({listed(CHARTS[kind].names)})", name="state")


def at_most_one(name: str, *columns: str, where: str) -> Index:
    """Return the constraint that of equal `columns` one row at most is so."""
    condition = text(where)
    return Index(
        name,
        *columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, kept as UTC: SQLite has no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Return what the database keeps."""
        del dialect
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value else None

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Return what the program sees."""
        del dialect
        return value.replace(tzinfo=dt.UTC) if value else None


class Row(DeclarativeBase):
    """A row of any table."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {dict[str, Any]: JSON, dt.datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's form


class Stateful:
    """What every row that a chart rules has."""

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Where it stands in its chart.
    state: Mapped[str] = mapped_column(String(32))
    #: Counts its changes: a writer must name the one it read.
    revision: Mapped[int] = mapped_column(default=1)
    #: Why it stands there, for people.
    reason: Mapped[str] = mapped_column(String(4096), default="")
    created_at: Mapped[dt.datetime]
    #: When a trigger was last fired on it: deadlines count from here.
    changed_at: Mapped[dt.datetime]
    #: The columns that may change beside its state; None: all of them.
    mutable: ClassVar[frozenset[str] | None] = None
