"""Statements, compiled once for a database, and run as its driver takes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement


@dataclass(frozen=True)
class Driver:
    """The driver's own connection, for statements that need nothing of SQLAlchemy's."""

    dialect: Dialect
    connection: Any  # of sqlite3 or of psycopg


class Prepared:
    """One statement for one database: its text, and what its values go through."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        processors = {
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
        self._is_positional = bool(compiled.positiontup)
        #: Each value in the order in which it is taken, and what it goes through.
        self._taken = tuple(
            (name, processors.get(name))
            for name in (compiled.positiontup or compiled.binds)
        )
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
        taken = [
            process(values[name]) if process is not None else values[name]
            for name, process in self._taken
        ]
        if self._is_positional:
            return tuple(taken)
        return dict(zip((name for name, _process in self._taken), taken, strict=True))


def run(
    connection: Connection | Driver, made: Prepared, given: Mapping[str, Any]
) -> Any:
    """Run a statement; return the driver's cursor.

    The driver is asked itself: what SQLAlchemy does around a statement takes as long as
    a statement of PostgreSQL, and four times as long as one of SQLite.
    """
    values = made.values(given)
    dialect: Any = connection.dialect
    if isinstance(connection, Driver):
        driver = connection.connection
    else:
        driver = connection.connection.dbapi_connection
    try:
        return driver.execute(made.text, values)
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            made.text, values, error, dialect.loaded_dbapi.Error, dialect=dialect
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
