"""The durable state of the local SageMaker: resources and their tags, in SQLite."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from slipway.errors import SlipwayError
from slipway.sagemaker_local.faults import StorageFullError
from slipway.sagemaker_local.identity import Kind

_LOG = logging.getLogger(__name__)
_DISK_PAUSE = 1.0
#: Raised with every change of the tables below; another version's state is refused.
LAYOUT = 1

_METADATA = sa.MetaData()
_RESOURCE = sa.Table(
    "resource",
    _METADATA,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("modified_at", sa.Float, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("execution", sa.Text, nullable=False),
    sa.Index("resource_by_creation", "kind", "region", "created_at", "arn"),
)
_TAG = sa.Table(
    "tag",
    _METADATA,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

_COLUMNS = tuple(column.name for column in _RESOURCE.columns)


@dataclass(frozen=True)
class Record:
    """One SageMaker resource."""

    arn: str
    kind: Kind
    region: str
    name: str
    #: SageMaker's primary status; empty for models and endpoint configs.
    status: str
    #: Seconds since the epoch.
    created_at: float
    modified_at: float
    #: What Describe answers, but for the status.
    description: Mapping[str, Any] = field(default_factory=dict)
    #: What the server itself needs to carry on after a restart.
    execution: Mapping[str, Any] = field(default_factory=dict)

    def with_description(self, **members: Any) -> "Record":
        """Return a copy with members of the description set; None removes one."""
        merged = {**self.description, **members}
        kept = {name: value for name, value in merged.items() if value is not None}
        return replace(self, description=kept)

    def with_execution(self, **values: Any) -> "Record":
        """Return a copy with values of the execution set."""
        return replace(self, execution={**self.execution, **values})


class RecordExistsError(SlipwayError):
    """A resource of this ARN is there already."""


class RecordMissingError(SlipwayError, LookupError):
    """There is no resource of this ARN."""


@dataclass(frozen=True)
class Selection:
    """Which resources a listing shows, in which order."""

    kind: Kind
    region: str
    name_contains: str | None = None
    status: str | None = None
    #: Bounds by column, excluded: `created_at` and `modified_at`.
    later_than: Mapping[str, float] = field(default_factory=dict)
    earlier_than: Mapping[str, float] = field(default_factory=dict)
    order: str = "created_at"
    descending: bool = False
    #: Sort value and ARN of the last one of the page before.
    after: tuple[Any, str] | None = None
    limit: int = 100


class Store:
    """Every resource; a change is on disk before its method returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin)
        with self._changing() as connection:
            layout = connection.exec_driver_sql("PRAGMA user_version").scalar()
            if layout not in (0, LAYOUT):
                message = (
                    f"{path}: state layout {layout} is not this version's {LAYOUT}. "
                    "Remove the state folder, or use the version that wrote it."
                )
                raise SlipwayError(message)
            _METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {LAYOUT}")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def create(self, record: Record, tags: Mapping[str, str]) -> None:
        """Add a resource with its tags; RecordExistsError where its ARN is taken."""
        with self._changing() as connection:
            if _find(connection, record.arn) is not None:
                message = f"{record.arn} exists already"
                raise RecordExistsError(message)
            connection.execute(_RESOURCE.insert(), _row(record))
            _write_tags(connection, record.arn, tags)

    def get(self, arn: str) -> Record | None:
        """Return a resource; None where there is none."""
        with self._engine.connect() as connection:
            return _find(connection, arn)

    def change(self, arn: str, change: Callable[[Record], Record]) -> Record:
        """Replace a resource by what `change` makes of it, alone with it meanwhile."""
        with self._changing() as connection:
            record = _find(connection, arn)
            if record is None:
                message = f"{arn} is not there"
                raise RecordMissingError(message)
            changed = replace(change(record), modified_at=time.time())
            here = _RESOURCE.c.arn == arn
            connection.execute(_RESOURCE.update().where(here), _row(changed))
            return changed

    def insist(self, arn: str, change: Callable[[Record], Record]) -> Record:
        """Do as `change`, as soon as the disk takes it."""
        while True:
            try:
                return self.change(arn, change)
            except StorageFullError:
                _LOG.warning("change_waits_for_disk arn=%s", arn)
                time.sleep(_DISK_PAUSE)

    def delete(self, arn: str) -> None:
        """Remove a resource and its tags."""
        with self._changing() as connection:
            for table in (_RESOURCE, _TAG):
                connection.execute(table.delete().where(table.c.arn == arn))

    def select(self, selection: Selection) -> list[Record]:
        """Return the resources of one page."""
        table, column = _RESOURCE.c, _RESOURCE.c[selection.order]
        query = _RESOURCE.select().where(
            table.kind == selection.kind,
            table.region == selection.region,
            *_conditions(selection),
        )
        key = sa.tuple_(column, table.arn)
        if selection.after is not None:
            after = sa.tuple_(*map(sa.literal, selection.after))
            query = query.where(key < after if selection.descending else key > after)
        direction = sa.desc if selection.descending else sa.asc
        query = query.order_by(direction(column), direction(table.arn))
        with self._engine.connect() as connection:
            rows = connection.execute(query.limit(selection.limit)).mappings()
            return [_record(row) for row in rows]

    def having(self, kind: Kind, statuses: Sequence[str]) -> list[Record]:
        """Return every resource of a kind that is in one of these statuses."""
        table = _RESOURCE.c
        query = _RESOURCE.select().where(table.kind == kind, table.status.in_(statuses))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(table.created_at)).mappings()
            return [_record(row) for row in rows]

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, by key."""
        query = sa.select(_TAG.c.key, _TAG.c.value).where(_TAG.c.arn == arn)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_TAG.c.key))
            return {row.key: row.value for row in rows}

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> dict[str, str]:
        """Add or replace tags, and return all."""
        with self._changing() as connection:
            _write_tags(connection, arn, tags)
        return self.tags(arn)

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        connecting = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        try:
            with connecting.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            if "full" in str(error.orig):
                raise StorageFullError(str(error.orig)) from error
            raise


def _conditions(selection: Selection) -> Iterator[sa.ColumnElement[bool]]:
    table = _RESOURCE.c
    if selection.name_contains is not None:
        yield table.name.contains(selection.name_contains, autoescape=True)
    if selection.status is not None:
        yield table.status == selection.status
    for name, bound in selection.later_than.items():
        yield table[name] > bound
    for name, bound in selection.earlier_than.items():
        yield table[name] < bound


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("begin", "BEGIN"))


def _find(connection: sa.Connection, arn: str) -> Record | None:
    query = _RESOURCE.select().where(_RESOURCE.c.arn == arn)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _record(row)


def _row(record: Record) -> dict[str, Any]:
    columns = {name: getattr(record, name) for name in _COLUMNS}
    texts = {name: json.dumps(columns[name]) for name in ("description", "execution")}
    return columns | texts


def _record(row: sa.RowMapping) -> Record:
    texts = {name: json.loads(row[name]) for name in ("description", "execution")}
    return Record(**{**{name: row[name] for name in _COLUMNS}, **texts})


def _write_tags(connection: sa.Connection, arn: str, tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        here = sa.and_(_TAG.c.arn == arn, _TAG.c.key == key)
        connection.execute(_TAG.delete().where(here))
        row = {"arn": arn, "key": key, "value": value}
        connection.execute(_TAG.insert(), row)
