"""The catalogue of buckets, objects and unfinished uploads, in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slipway.sagemaker_local.faults import StorageFullError
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.transactions import committing

SCHEMA = """
CREATE TABLE IF NOT EXISTS bucket (
  name TEXT PRIMARY KEY, region TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS object (
  bucket TEXT NOT NULL REFERENCES bucket (name), key TEXT NOT NULL,
  blob TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  modified_at REAL NOT NULL, headers TEXT NOT NULL, checksums TEXT NOT NULL,
  PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
  created_at REAL NOT NULL, headers TEXT NOT NULL, checksums TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
  number INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  etag TEXT NOT NULL, modified_at REAL NOT NULL, checksums TEXT NOT NULL,
  PRIMARY KEY (upload, number)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Bucket:
    """One bucket."""

    name: str
    region: str
    #: Seconds since the epoch.
    created_at: float


@dataclass(frozen=True)
class StoredObject:
    """One object: what S3 knows of it, and the blob that holds it."""

    bucket: str
    key: str
    blob: str
    size: int
    #: Without the quotes that HTTP puts around it.
    etag: str
    #: Seconds since the epoch.
    modified_at: float
    #: Content-Type, Cache-Control … and the caller's x-amz-meta-*.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Base64 by algorithm, and `type`: FULL_OBJECT or COMPOSITE.
    checksums: Mapping[str, str] = field(default_factory=dict)


class Catalogue:
    """Every row of the local S3, behind one connection and one lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the only write transaction; everything in it commits or nothing."""
        try:
            with self._lock, committing(self._connection):
                yield
        except StorageFullError as error:
            raise S3Error(Code.INSUFFICIENT_STORAGE, what="a row") from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def bucket(self, name: str) -> Bucket:
        """Return a bucket; a missing one is S3Error NoSuchBucket."""
        found = self.rows("SELECT * FROM bucket WHERE name = ?", (name,))
        if not found:
            raise S3Error(Code.NO_SUCH_BUCKET, BucketName=name)
        return Bucket(**found[0])

    def object(self, bucket: str, key: str) -> StoredObject | None:
        """Return an object; None where there is none."""
        sql = "SELECT * FROM object WHERE bucket = ? AND key = ?"
        found = self.rows(sql, (bucket, key))
        return stored_object(found[0]) if found else None

    def save(self, stored: StoredObject) -> None:
        """Write an object's row, in place of the one of the same key."""
        self.rows(
            "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                stored.bucket,
                stored.key,
                stored.blob,
                stored.size,
                stored.etag,
                stored.modified_at,
                json.dumps(dict(stored.headers)),
                json.dumps(dict(stored.checksums)),
            ),
        )

    def blobs(self) -> set[str]:
        """Return the name of every blob that a row refers to."""
        sql = "SELECT blob FROM object UNION ALL SELECT blob FROM part"
        return {row["blob"] for row in self.rows(sql)}


def stored_object(row: sqlite3.Row) -> StoredObject:
    """Return the object that a row holds."""
    values = dict(row)
    for name in ("headers", "checksums"):
        values[name] = json.loads(values[name])
    return StoredObject(**values)
