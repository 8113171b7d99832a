"""The controller's database: one engine, one way to open a transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from slipway.errors import UnavailableError

#: Seconds that a writer waits for another one's transaction.
_PATIENCE = 30


class Database:
    """SQLite or PostgreSQL, behind the same transactions."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Raise UnavailableError for whatever keeps the database out of reach."""
        try:
            yield
        except OperationalError as error:
            place = self.engine.url.render_as_string(hide_password=True)
            reason = str(error.orig).strip().splitlines()[0]
            message = f"The controller's database {place} cannot be used: {reason}"
            raise UnavailableError(message) from error

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open one transaction: all of it is kept, or nothing."""
        with (
            self.reached(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Take transactions out of sqlite3's hands: it begins too late for a lock."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
