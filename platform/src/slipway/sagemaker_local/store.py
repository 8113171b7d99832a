"""The durable state of the local SageMaker: resources and their tags, in SQLite."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from slipway.errors import SlipwayError
from slipway.sagemaker_local.faults import StorageFullError
from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.selection import Listed, Selection, statement
from slipway.sagemaker_local.summaries import summary
from slipway.sagemaker_local.tables import connected, prepare
from slipway.sagemaker_local.transactions import committing

_LOG = logging.getLogger(__name__)
_DISK_PAUSE = 1.0
_COLUMNS = "arn, kind, region, name, status, created_at, modified_at"
_FIND = f"SELECT {_COLUMNS}, description, execution FROM resource"  # noqa: S608  # our own names
_INSERT = f"""INSERT INTO resource
({_COLUMNS}, description, execution, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (arn) DO NOTHING"""  # noqa: S608  # as above
_UPDATE = """UPDATE resource SET
status = ?, modified_at = ?, description = ?, execution = ?, summary = ? WHERE arn = ?"""


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


class Store:
    """Every resource; a change is on disk before its method returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writing, self._reading = threading.RLock(), threading.Lock()
        self._writer = connected(path)
        prepare(self._writer, path)
        #: Reads while a change waits for the disk.
        self._reader = connected(path)

    def close(self) -> None:
        """Close every connection."""
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()

    def create(self, record: Record, tags: Mapping[str, str]) -> None:
        """Add a resource with its tags; RecordExistsError where its ARN is taken."""
        kept = (record.arn, record.kind, record.region, record.name, record.status)
        times = (record.created_at, record.modified_at)
        with self.together():
            made = self._writer.execute(_INSERT, (*kept, *times, *_texts(record)))
            if not made.rowcount:
                message = f"{record.arn} exists already"
                raise RecordExistsError(message)
            self._write_tags(record.arn, tags)

    def get(self, arn: str) -> Record | None:
        """Return a resource; None where there is none."""
        found = self._rows(f"{_FIND} WHERE arn = ?", (arn,))
        return _record(found[0]) if found else None

    def change(self, arn: str, change: Callable[[Record], Record]) -> Record:
        """Replace a resource by what `change` makes of it, alone with it meanwhile."""
        with self.together():
            changed = replace(change(self._existing(arn)), modified_at=time.time())
            kept = (changed.status, changed.modified_at, *_texts(changed), arn)
            self._writer.execute(_UPDATE, kept)
            return changed

    def insist(self, arn: str, change: Callable[[Record], Record]) -> Record:
        """Do as `change`, as soon as the disk takes it."""
        while True:
            try:
                return self.change(arn, change)
            except StorageFullError:
                _LOG.warning("change_waits_for_disk arn=%s", arn)
                time.sleep(_DISK_PAUSE)

    def delete(
        self, arn: str, check: Callable[[Record], object] = lambda _: None
    ) -> None:
        """Remove a resource and its tags, unless `check` raises.

        One that is not there is a RecordMissingError.
        """
        with self.together():
            check(self._existing(arn))
            self._writer.execute("DELETE FROM resource WHERE arn = ?", (arn,))
            self._writer.execute("DELETE FROM tag WHERE arn = ?", (arn,))

    def select(self, selection: Selection) -> list[Listed]:
        """Return the resources of one page, without their descriptions."""
        rows = self._rows(*statement(selection))
        return [_listed(row) for row in rows]

    def having(self, kind: Kind, statuses: Sequence[str]) -> list[Record]:
        """Return every resource of a kind that is in one of these statuses."""
        places = ", ".join("?" * len(statuses))
        where = f"WHERE kind = ? AND status IN ({places}) ORDER BY created_at"
        return [
            _record(row) for row in self._rows(f"{_FIND} {where}", (kind, *statuses))
        ]

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, by key."""
        query = "SELECT key, value FROM tag WHERE arn = ? ORDER BY key"
        return {row["key"]: row["value"] for row in self._rows(query, (arn,))}

    def change_tags(
        self, arn: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> dict[str, str]:
        """Replace the tags of a resource by what `change` makes of them."""
        with self.together():
            self._existing(arn)
            # No other change is under way: what is committed is what is.
            changed = dict(change(self.tags(arn)))
            self._writer.execute("DELETE FROM tag WHERE arn = ?", (arn,))
            self._write_tags(arn, changed)
            return changed

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes within commit at once, or none; nobody else's go between."""
        with self._writing, committing(self._writer):
            yield

    def _rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        with self._reading:
            return self._reader.execute(sql, values).fetchall()

    def _existing(self, arn: str) -> Record:
        row = self._writer.execute(f"{_FIND} WHERE arn = ?", (arn,)).fetchone()
        if row is None:
            message = f"{arn} is not there"
            raise RecordMissingError(message)
        return _record(row)

    def _write_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        rows = [(arn, key, value) for key, value in tags.items()]
        self._writer.executemany("INSERT INTO tag VALUES (?, ?, ?)", rows)


def _texts(record: Record) -> tuple[str, ...]:
    """Return a record's description, execution and summary as they are kept."""
    shown = record.description
    parts = (shown, record.execution, summary(record.kind, shown))
    return tuple(orjson.dumps(part).decode() for part in parts)


def _record(row: sqlite3.Row) -> Record:
    return Record(
        arn=row["arn"],
        kind=row["kind"],
        region=row["region"],
        name=row["name"],
        status=row["status"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        description=orjson.loads(row["description"]),
        execution=orjson.loads(row["execution"]),
    )


def _listed(row: sqlite3.Row) -> Listed:
    return Listed(
        arn=row["arn"],
        name=row["name"],
        status=row["status"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        members=orjson.loads(row["summary"]),
    )
