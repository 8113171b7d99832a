"""The controller's database: one engine, two ways to open a transaction."""

import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from slipway.controller.store.statements import Driver
from slipway.errors import UnavailableError

#: Seconds that a writer waits for another one's transaction.
_PATIENCE = 60
#: Milliseconds after which PostgreSQL ends a transaction of a frozen writer.
_FROZEN = 30_000
#: The option of a connection that says how SQLite begins; None: it does not.
_BEGIN = "slipway_begin"


#: How a transaction begins whose commit waits for the disk, and one whose does not.
_DURABLE = ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")
_RELAXED = ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")
#: How a transaction begins that takes tables apart which others refer to.
_REBUILD = ("PRAGMA foreign_keys=OFF", *_DURABLE)
#: Seconds after which a connection is asked whether it still is one.
_IDLE = 1.0


class Database:
    """SQLite or PostgreSQL, behind the same transactions."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reader = _reader(self.engine)
        self._relaxed = self.engine.execution_options(slipway_begin=_RELAXED)

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Raise UnavailableError for whatever keeps the database out of reach."""
        try:
            yield
        except (OperationalError, InterfaceError, sqlite3.OperationalError) as error:
            raise self._unavailable(error) from error

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """Open a transaction that writes: all of it is kept, or nothing.

        One that is not durable does not wait for the disk: a power cut within the next
        second can undo it, whole. What a process wrote outlives the process either way.
        """
        engine = self.engine if durable else self._relaxed
        with self.reached(), engine.begin() as connection:
            if not durable and self.kind == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            yield connection

    @contextmanager
    def sqlite_transaction(self, *, durable: bool = True) -> Iterator[Driver]:
        """Open a transaction as `transaction` does, on SQLite's own connection."""
        with self.reached():
            lent = self.engine.raw_connection()
            driver: Any = lent.dbapi_connection
            try:
                for statement in _DURABLE if durable else _RELAXED:
                    driver.execute(statement)
                yield Driver(self.engine.dialect, driver)
                driver.commit()
            finally:
                lent.close()  # the pool rolls back what was not committed

    @contextmanager
    def statement(self) -> Iterator[Driver]:
        """Lend the driver's connection for one statement, a transaction of its own."""
        with self.reached():
            lent = self.engine.raw_connection()
            driver: Any = lent.dbapi_connection
            if self.kind == "sqlite":
                # It commits each statement that no BEGIN precedes.
                with closing(lent):
                    yield Driver(self.engine.dialect, driver)
                return
            try:
                driver.autocommit = True
                yield Driver(self.engine.dialect, driver)
            finally:
                if driver.info.transaction_status.name == "IDLE":
                    driver.autocommit = False
                    lent.close()
                else:  # it is closed, or in the middle of an answer
                    lent.invalidate()

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

    def _unavailable(self, error: Exception) -> UnavailableError:
        place = self.engine.url.render_as_string(hide_password=True)
        told = error.orig if isinstance(error, DBAPIError) else error
        reason = (str(told).strip().splitlines() or ["no reason given"])[0]
        message = f"The controller's database {place} cannot be used: {reason}"
        return UnavailableError(message)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={
                "connect_timeout": 10,
                "options": f"-c idle_in_transaction_session_timeout={_FROZEN}",
            },
            json_serializer=_dumped,
            json_deserializer=orjson.loads,
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _check_idle(engine))
        return engine
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
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a lock that is asked for later can be refused."""
    options = connection.get_execution_options()
    driver: Any = connection.connection.dbapi_connection
    for statement in options.get(_BEGIN, _DURABLE):
        driver.execute(statement)


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _check_idle(engine: Engine) -> Callable[..., None]:
    """Return what asks a connection that lay idle whether the server is still there."""
    dialect: Any = engine.dialect

    def check(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used_at", math.inf) < _IDLE:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return check
