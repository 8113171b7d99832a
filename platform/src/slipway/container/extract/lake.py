"""The embedded warehouse: a folder of Parquet tables, queried by DuckDB."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from slipway.container.extract.query import Query
from slipway.errors import SlipwayError, SqlError, suggestion

#: What DuckDB may hold in memory; it spills to disk beyond.
MEMORY_LIMIT = "1GB"


@dataclass(frozen=True)
class Lake:
    """A folder that holds one folder of Parquet files for each table."""

    #: The folder of the tables' folders.
    folder: Path

    @contextmanager
    def stream(self, query: Query, batch_rows: int) -> Iterator[pa.RecordBatchReader]:
        """Yield the answer as a stream of batches of at most `batch_rows` rows."""
        with (
            tempfile.TemporaryDirectory(prefix="slipway-duckdb-") as spill,
            self._connect(Path(spill)) as connection,
        ):
            for table in query.script.tables:
                self._create_view(connection, table)
            _lock(connection, self.folder)
            sql, values = query.for_duckdb()
            try:
                answer = connection.sql(sql, params=values or None)
                yield answer.to_arrow_reader(batch_rows)
            except duckdb.Error as error:
                raise _translated(error) from error

    def _connect(self, spill: Path) -> duckdb.DuckDBPyConnection:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(spill),
            "python_enable_replacements": False,
        }
        return duckdb.connect(":memory:", config=settings)

    def _create_view(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        """Make a view of a table's files; its name and path are quoted by sqlglot."""
        if not any((self.folder / table).glob("*.parquet")):
            known = [path.parent.name for path in self.folder.glob("*/*.parquet")]
            message = (
                f"extract.sql reads the table {table!r}, which the warehouse does not"
                f" have.{suggestion(table, set(known))}"
            )
            raise SqlError(message)
        schema, _, name = table.rpartition(".")
        if schema:
            quoted = exp.to_identifier(schema, quoted=True).sql("duckdb")
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted}")
        view = exp.table_(name, db=schema or None, quoted=True).sql("duckdb")
        files = exp.Literal.string(str(self.folder / table / "*.parquet")).sql("duckdb")
        connection.execute(f"CREATE VIEW {view} AS FROM read_parquet({files})")


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Leave the tables' files as the only thing outside that the script can reach."""
    allowed = exp.Literal.string(str(folder)).sql("duckdb")
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _translated(error: duckdb.Error) -> SlipwayError:
    reason = str(error).split("\n\n")[0].replace("\n", " ")
    faults = (duckdb.ProgrammingError, duckdb.DataError, duckdb.PermissionException)
    kind = SqlError if isinstance(error, faults) else SlipwayError
    return kind(f"extract.sql: the warehouse refused the script: {reason}")
