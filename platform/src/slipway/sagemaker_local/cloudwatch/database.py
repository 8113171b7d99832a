"""CloudWatch's SQLite file: metrics, datapoints, alarms and their history."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slipway.sagemaker_local.tables import check_layout, connected
from slipway.sagemaker_local.transactions import committing

#: Raised with every change of the tables that an older server could not live with.
LAYOUT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS metric (
  id INTEGER PRIMARY KEY, region TEXT NOT NULL, namespace TEXT NOT NULL,
  name TEXT NOT NULL, dimensions TEXT NOT NULL, seen_at REAL NOT NULL,
  UNIQUE (region, namespace, name, dimensions));
CREATE TABLE IF NOT EXISTS datapoint (
  metric INTEGER NOT NULL REFERENCES metric (id), at INTEGER NOT NULL,
  span INTEGER NOT NULL, unit TEXT NOT NULL, count REAL NOT NULL,
  total REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, counts TEXT,
  PRIMARY KEY (metric, at, span, unit)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS datapoint_by_age ON datapoint (span, at);
CREATE TABLE IF NOT EXISTS alarm (
  region TEXT NOT NULL, name TEXT NOT NULL, members TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, reason_data TEXT NOT NULL,
  configured_at REAL NOT NULL, updated_at REAL NOT NULL,
  transitioned_at REAL NOT NULL, tags TEXT NOT NULL,
  PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY, region TEXT NOT NULL, alarm TEXT NOT NULL,
  at REAL NOT NULL, kind TEXT NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS history_by_alarm ON history (region, alarm, at);
CREATE INDEX IF NOT EXISTS history_by_age ON history (at);
"""


class Database:
    """One connection for changes, each on disk when it returns, and one for reads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writing, self._reading = threading.RLock(), threading.Lock()
        self._writer = connected(path)
        check_layout(self._writer, path, LAYOUT)
        self._writer.executescript(f"{_TABLES}PRAGMA user_version = {LAYOUT};")
        self._reader = connected(path)

    def close(self) -> None:
        """Close both connections."""
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return what a query finds of what is committed."""
        with self._reading:
            return self._reader.execute(sql, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer; all that is changed within commits at once, or nothing."""
        with self._writing, committing(self._writer):
            yield self._writer
