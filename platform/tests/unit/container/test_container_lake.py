from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.container.extract.lake import Lake
from slipway.container.extract.query import Query
from slipway.container.extract.script import Script
from slipway.container.extract.warehouse import read_ahead
from slipway.errors import SlipwayError, SqlError
from slipway.spec import Parameter


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    for name in ("t", "app.t"):
        (tmp_path / "lake" / name).mkdir(parents=True)
        table = pa.table({"a": range(10_000), "w": [name] * 10_000})
        pq.write_table(table, tmp_path / "lake" / name / "1.parquet")
    return Lake(tmp_path / "lake")


def unchecked(sql: str, tables: tuple[str, ...] = ("t",)) -> Query:
    """Return a query that no check of ours has seen: DuckDB alone is asked."""
    from slipway.container.extract.parse import Source, parse_select

    tree = parse_select(Source("extract.sql", sql))
    return Query(Script(sql, "", (), tables, tree), {}, {})


def rows(lake: Lake, query: Query) -> list[dict[str, object]]:
    with lake.stream(query, 1000) as reader:
        return [row for batch in read_ahead(reader) for row in batch.to_pylist()]


def test_tables_are_views_of_their_folders_in_their_schemas(lake: Lake) -> None:
    query = unchecked(
        "SELECT t.w AS one, u.w AS two FROM t JOIN app.t AS u ON t.a = u.a WHERE t.a = 3",
        ("t", "app.t"),
    )

    assert rows(lake, query) == [{"one": "t", "two": "app.t"}]


def test_an_answer_comes_in_batches(lake: Lake) -> None:
    with lake.stream(unchecked("SELECT a FROM t"), 1000) as reader:
        sizes = [batch.num_rows for batch in read_ahead(reader)]

    assert sum(sizes) == 10_000
    assert max(sizes) <= 2048


def test_duckdb_itself_reads_nothing_outside_the_lake(
    lake: Lake, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.parquet"
    pq.write_table(pa.table({"a": [1]}), outside)
    frame = pa.table({"a": [1]})

    for source in (f"read_parquet('{outside}')", f"read_text('{outside}')", "frame"):
        with pytest.raises(SqlError):
            rows(lake, unchecked(f"SELECT * FROM {source}", ()))  # noqa: S608  # on purpose
    assert frame.num_rows == 1


def test_a_parameter_is_a_value_whatever_it_says(lake: Lake) -> None:
    from slipway.container.extract.script import check_script

    declared = {"w": Parameter(type="string")}
    script = check_script("SELECT a FROM t WHERE w = :w", declared)

    assert rows(lake, Query(script, declared, {"w": "t' OR '1' = '1"})) == []
    assert len(rows(lake, Query(script, declared, {"w": "t"}))) == 10_000


def test_a_fault_while_the_answer_streams_is_an_error(lake: Lake) -> None:
    with pytest.raises(SlipwayError, match=r"extract\.sql: the warehouse"):
        rows(lake, unchecked("SELECT CAST(w AS integer) / a AS x FROM t"))
