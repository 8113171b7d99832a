"""Statements, compiled once for a database, and run as its driver takes them."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement


@dataclass(frozen=True)
class Driver:
    """SQLite's own connection, for statements that need nothing of SQLAlchemy's."""

    dialect: Dialect
    connection: sqlite3.Connection


class Prepared:
    """One statement for one database: its text, and what its values go through."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        #: The names of the values in the order in which they are taken; none: by name.
        self._names = tuple(compiled.positiontup or ())
        self._processors = {
            name: process
            for name, bound in compiled.binds.items()
            if (process := bound.type.dialect_impl(dialect).bind_processor(dialect))
        }
        #: Values that are part of the statement.
        self._fixed = {
            name: bound.value
            for name, bound in compiled.binds.items()
            if not bound.required
        }

        self._columns = tuple(
            (
                getattr(column, "name", ""),
                column.type.dialect_impl(dialect).result_processor(dialect, None),
            )
            for column in getattr(statement, "selected_columns", ())
        )

    def row(self, found: Sequence[Any]) -> dict[str, Any]:
        """Return a row that the driver found, by the names of its columns."""
        return {
            name: process(value) if process is not None else value
            for (name, process), value in zip(self._columns, found, strict=True)
        }

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return `given` as the driver takes it: a tuple, or a dictionary."""
        values = {**self._fixed, **given}
        for name, process in self._processors.items():
            values[name] = process(values[name])
        if self._names:
            return tuple([values[name] for name in self._names])
        return values


def run(
    connection: Connection | Driver, made: Prepared, given: Mapping[str, Any]
) -> Any:
    """Run a statement; return what the driver answers.

    SQLite's driver is asked itself: what SQLAlchemy does around a statement takes four
    times as long as the statement.
    """
    values = made.values(given)
    if isinstance(connection, Driver):
        driver: Any = connection.connection
    elif connection.dialect.name == "sqlite":
        driver = connection.connection.dbapi_connection
    else:
        return connection.exec_driver_sql(made.text, values)
    try:
        return driver.execute(made.text, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            made.text, values, error, sqlite3.Error, dialect=connection.dialect
        ) from error


_made: dict[tuple[Any, ...], Prepared] = {}


def prepared(
    connection: Connection | Driver, build: Callable[..., ClauseElement], *shape: Any
) -> Prepared:
    """Return what `build` makes of a shape, compiled for the connection's database."""
    key = (connection.dialect.name, build, *shape)
    made = _made.get(key)
    if made is None:
        made = _made[key] = Prepared(build(*shape), connection.dialect)
    return made
