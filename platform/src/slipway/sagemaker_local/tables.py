"""The tables of the durable state, and what brings an older state up to them."""

import sqlite3
from pathlib import Path

import orjson

from slipway.errors import SlipwayError
from slipway.sagemaker_local.summaries import summary

#: Raised with every change of the tables that an older server could not live with;
#: another layout's state is refused.
LAYOUT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS resource (
  arn VARCHAR NOT NULL PRIMARY KEY, kind VARCHAR NOT NULL, region VARCHAR NOT NULL,
  name VARCHAR NOT NULL, status VARCHAR NOT NULL, created_at FLOAT NOT NULL,
  modified_at FLOAT NOT NULL, summary TEXT NOT NULL DEFAULT '{}',
  description TEXT NOT NULL, execution TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tag (
  arn VARCHAR NOT NULL, key VARCHAR NOT NULL, value VARCHAR NOT NULL,
  PRIMARY KEY (arn, key));
"""
#: One for each order of a listing; each holds what listings filter by.
_INDEXES = """
DROP INDEX IF EXISTS resource_by_creation;
CREATE INDEX IF NOT EXISTS listing_by_created_at
  ON resource (kind, region, created_at, arn, name, status, modified_at);
CREATE INDEX IF NOT EXISTS listing_by_name
  ON resource (kind, region, name, arn, status, created_at, modified_at);
CREATE INDEX IF NOT EXISTS listing_by_status
  ON resource (kind, region, status, created_at, arn, name, modified_at);
"""


def connected(path: Path) -> sqlite3.Connection:
    """Return a connection whose commits are on disk when they return."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make what is missing in a state; another layout is refused."""
    check_layout(connection, path, LAYOUT)
    connection.executescript(_TABLES)
    columns = connection.execute("PRAGMA table_info(resource)").fetchall()
    if "summary" not in {column["name"] for column in columns}:
        _add_summaries(connection)
    connection.executescript(f"{_INDEXES}PRAGMA user_version = {LAYOUT};")


def check_layout(connection: sqlite3.Connection, path: Path, layout: int) -> None:
    """Refuse a file that is neither new nor of this version's layout."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found not in (0, layout):
        message = (
            f"{path}: state layout {found} is not this version's {layout}. "
            "Remove the state folder, or use the version that wrote it."
        )
        raise SlipwayError(message)


def _add_summaries(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    column = "summary TEXT NOT NULL DEFAULT '{}'"
    connection.execute(f"ALTER TABLE resource ADD COLUMN {column}")
    for row in connection.execute("SELECT arn, kind, description FROM resource"):
        shown = summary(row["kind"], orjson.loads(row["description"]))
        update = "UPDATE resource SET summary = ? WHERE arn = ?"
        connection.execute(update, (orjson.dumps(shown).decode(), row["arn"]))
    connection.execute("COMMIT")
