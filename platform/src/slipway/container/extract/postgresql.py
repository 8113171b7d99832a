"""A PostgreSQL warehouse, read by ADBC: a COPY stream of Arrow batches.

ADBC's own interface is used, below its DB-API: that one imports pandas, which costs
40 MiB and a third of a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import adbc_driver_manager as adbc
import adbc_driver_postgresql
import pyarrow as pa
from sqlglot import exp

from slipway.container.extract.credentials import Credentials
from slipway.container.extract.parse import DIALECT
from slipway.container.extract.query import Query
from slipway.errors import SlipwayError, SqlError, UnavailableError

#: What the driver gathers before it hands a batch on.
BATCH_BYTES = 12 * 1024 * 1024
#: The session: nothing can be written, and a literal's backslash is a backslash.
SESSION = {
    "default_transaction_read_only": "on",
    "standard_conforming_strings": "on",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Postgresql:
    """A PostgreSQL server."""

    #: How to reach it.
    credentials: Credentials

    @contextmanager
    def stream(self, query: Query, batch_rows: int) -> Iterator[pa.RecordBatchReader]:  # noqa: ARG002  # the driver bounds a batch by bytes
        """Yield the answer as a stream, read in one read-only transaction."""
        options = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
        try:
            with (
                adbc_driver_postgresql.connect(self._uri()) as database,
                adbc.AdbcConnection(database) as connection,
                adbc.AdbcStatement(connection) as statement,
            ):
                statement.set_options(**options)
                _prepare(statement, query)
                answer, _ = statement.execute_query()
                yield pa.RecordBatchReader.from_stream(answer)
        except adbc.Error as error:
            raise self._translated(error) from None  # its text may hold the address

    def _uri(self) -> str:
        settings = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        uri = self.credentials.uri
        added = f"options={quote(settings)}&application_name=slipway-extract"
        return f"{uri}{'&' if '?' in uri else '?'}{added}"

    def _translated(self, error: adbc.Error) -> SlipwayError:
        reason = self.credentials.redacted(str(error)).replace("\n", " ")
        state = error.sqlstate or ""
        if state[:2] in _SCRIPT_FAULTS:
            return SqlError(f"extract.sql: PostgreSQL refused the script: {reason}")
        return UnavailableError(f"PostgreSQL could not be read: {reason}")


def _prepare(statement: adbc.AdbcStatement, query: Query) -> None:
    """Give the statement its SQL, after asking what types it answers with."""
    asked = query.for_postgresql()
    statement.set_sql_query(asked.sql(DIALECT))
    answered = pa.schema(statement.execute_schema())
    statement.set_sql_query(with_doubles(asked, answered).sql(DIALECT))


def with_doubles(asked: exp.Expr, answered: pa.Schema) -> exp.Expr:
    """Return the statement with its numeric columns cast to double by the server.

    The driver spells a numeric out as text, which costs as much as nine other columns,
    only for the text to be parsed into the same double here.
    """
    numeric = {field.name for field in answered if _is_numeric(field.type)}
    if not numeric or len(set(answered.names)) < len(answered.names):
        return asked
    columns = [exp.column(name, quoted=True) for name in answered.names]
    cast = [
        exp.alias_(exp.cast(column, "double"), column.name, quoted=True)
        if column.name in numeric
        else column
        for column in columns
    ]
    return exp.select(*cast).from_(
        exp.Subquery(this=asked, alias=exp.TableAlias(this=exp.to_identifier("script")))
    )


def _is_numeric(arrow: pa.DataType) -> bool:
    return isinstance(arrow, pa.OpaqueType) and bool(arrow.type_name == "numeric")


#: Classes of SQLSTATE that the script's author can mend: feature not supported,
#: cardinality, data, transaction state (a write), syntax or access, program limit.
_SCRIPT_FAULTS = frozenset({"0A", "21", "22", "25", "42", "54"})
