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
        value = duckdb.ColumnExpression(column)
        groups = (
            rows.filter(value.isnotnull())
            .select(value.alias("value"))
            .aggregate("value, count(*) AS times")
            .filter("times > 1")
        )
        total = groups.aggregate("coalesce(sum(times), 0)::BIGINT").fetchall()
        if not (count := int(total[0][0])):
            return Repeated(0, ())
        first = [pair[0] for pair in groups.order("value").limit(SAMPLE).fetchall()]
        among = value.isin(*(duckdb.ConstantExpression(item) for item in first))
        found = rows.filter(among).select(duckdb.ColumnExpression(key), value)
        ordered = found.sort(value, duckdb.ColumnExpression(key))
        return Repeated(count, tuple(ordered.limit(SAMPLE).fetchall()))


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {"memory_limit": MEMORY_LIMIT, "threads": 1, "temp_directory": spill}
