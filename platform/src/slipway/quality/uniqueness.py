"""Values that come twice in Parquet files, found in bounded memory."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from slipway.quality.report import SAMPLE

#: What DuckDB may hold in memory while it groups; it spills to disk beyond.
MEMORY_LIMIT = "64MB"
#: Values that are grouped in one pass; what a pass holds is the same however many rows.
ROWS_PER_PASS = 1_000_000
#: The most passes over the column: beyond, a pass holds more, and spills.
MOST_PASSES = 256


@dataclass(frozen=True)
class Repeated:
    """What was found to come more than once."""

    #: Rows whose value another row has too; null values are left out.
    rows: int
    #: A few of them: the row's key, and the value.
    sample: tuple[tuple[Any, Any], ...]


def repeated_values(files: Sequence[Path], column: str, *, key: str) -> Repeated:
    """Return the rows of `files` whose value of `column` is not theirs alone."""
    with (
        tempfile.TemporaryDirectory(prefix="slipway-duckdb-") as spill,
        duckdb.connect(":memory:", config=_settings(spill)) as connection,
    ):
        rows = connection.read_parquet([str(path) for path in files])
        values = rows.select(duckdb.ColumnExpression(column).alias("value"))
        present = values.filter("value IS NOT NULL")
        count, first = _repeated(present, rows.count("*").fetchall()[0][0])
        return Repeated(count, _sample(rows, column, key, first) if count else ())


def _repeated(present: duckdb.DuckDBPyRelation, rows: int) -> tuple[int, list[Any]]:
    """Return how many rows share their value, and the smallest such values.

    Equal values have equal hashes, so each pass can look at its share of hashes alone.
    """
    passes = min(rows // ROWS_PER_PASS + 1, MOST_PASSES)
    total = 0
    found: list[Any] = []
    for number in range(passes):
        share = present.filter(f"hash(value) % {passes} = {number}")
        groups = share.aggregate("value, count(*) AS times").filter("times > 1")
        counted = groups.aggregate("coalesce(sum(times), 0)::BIGINT").fetchall()
        if count := int(counted[0][0]):
            total += count
            found += [row[0] for row in groups.order("value").limit(SAMPLE).fetchall()]
    return total, sorted(found)[:SAMPLE]


def _sample(
    rows: duckdb.DuckDBPyRelation, column: str, key: str, among: list[Any]
) -> tuple[tuple[Any, Any], ...]:
    value, owner = duckdb.ColumnExpression(column), duckdb.ColumnExpression(key)
    wanted = value.isin(*(duckdb.ConstantExpression(item) for item in among))
    pairs = rows.filter(wanted).select(owner.alias("owner"), value.alias("value"))
    return tuple(pairs.order("value, owner").limit(SAMPLE).fetchall())


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {"memory_limit": MEMORY_LIMIT, "threads": 2, "temp_directory": spill}
