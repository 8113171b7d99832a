"""The controller's database: one engine, two ways to open a transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from slipway.errors import UnavailableError

#: Seconds that a writer waits for another one's transaction.
_PATIENCE = 60
#: Milliseconds after which PostgreSQL ends a transaction of a frozen writer.
_FROZEN = 30_000
#: The option of a connection that says how SQLite begins; None: it does not.
_BEGIN = "slipway_begin"


#: How a transaction begins that takes tables apart which others refer to.
_REBUILD = ("PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE")


class Database:
    """SQLite or PostgreSQL, behind the same transactions."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reader = _reader(self.engine)

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Raise UnavailableError for whatever keeps the database out of reach."""
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise self._unavailable(error) from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that writes: all of it is kept, or nothing."""
        with self.reached(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that reads, and waits for no writer."""
        with self.reached(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Open a transaction that may take tables apart, alone."""
        with self.reached(), self.engine.connect() as connection:
            if self.kind == "sqlite":
                connection = connection.execution_options(slipway_begin=_REBUILD)
            with connection.begin():
                if self.kind == "postgresql":
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7547929)")
                yield connection
            if self.kind == "sqlite":
                connection.invalidate()  # its foreign keys are off

    def _unavailable(self, error: DBAPIError) -> UnavailableError:
        place = self.engine.url.render_as_string(hide_password=True)
        reason = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
        message = f"The controller's database {place} cannot be used: {reason}"
        return UnavailableError(message)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 10,
                "options": f"-c idle_in_transaction_session_timeout={_FROZEN}",
            },
            json_serializer=_dumped,
            json_deserializer=orjson.loads,
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        connect_args={"timeout": _PATIENCE},
        json_serializer=_dumped,
        json_deserializer=orjson.loads,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reader(engine: Engine) -> Engine:
    """Return the same connections, used for one question at a time."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(slipway_begin=())


def _dumped(value: object) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Take transactions out of sqlite3's hands: it begins too late for a lock."""
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """Take the write lock at once: a lock that is asked for later can be refused."""
    options = connection.get_execution_options()
    for statement in options.get(_BEGIN, ("BEGIN IMMEDIATE",)):
        connection.exec_driver_sql(statement)
