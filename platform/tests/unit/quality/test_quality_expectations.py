import datetime as dt
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.errors import DocumentError
from slipway.quality.expectations import Expectations
from slipway.quality.report import Check, Report, sentences
from slipway.spec import Column

RUN_DATE = dt.date(2026, 1, 31)


def checked(
    folder: Path, column: Column, *batches: list[Any], kind: Any = None
) -> Report:
    """Check the values of one column `x`, in batches; keys count from 100."""
    start = 100
    columns = {"id": Column(type="integer"), "x": column}
    tables = []
    for values in batches:
        keys = pa.array(range(start, start + len(values)), pa.int64())
        tables.append(pa.record_batch({"id": keys, "x": pa.array(values, kind)}))
        start += len(values)
    expectations = Expectations(columns, tables[0].schema, key="id", run_date=RUN_DATE)
    for batch in tables:
        expectations.observe(batch)
    path = folder / "part-00000.parquet"
    pq.write_table(pa.Table.from_batches(tables), path)
    return expectations.report([path])


def check(report: Report, rule: str) -> Check:
    return next(c for c in report.checks if (c.column, c.rule) == ("x", rule))


def test_a_null_where_none_may_be_is_counted_with_its_key(tmp_path: Path) -> None:
    report = checked(tmp_path, Column(type="integer"), [1, None], [None, 4])

    found = check(report, "not_null")
    assert (found.passed, found.count) == (False, 2)
    assert found.sample == ({"key": 101, "value": None}, {"key": 102, "value": None})
    assert not report.passed


def test_nan_is_a_missing_value_and_infinity_is_not_finite(tmp_path: Path) -> None:
    report = checked(tmp_path, Column(type="number"), [1.0, math.nan, math.inf])

    assert check(report, "not_null").count == 1
    assert check(report, "finite").sample == ({"key": 102, "value": "inf"},)


def test_nullable_columns_may_lack_values(tmp_path: Path) -> None:
    column = Column(type="number", nullable=True, range=(0, 1))

    assert checked(tmp_path, column, [None, 0.5, math.nan]).passed


@pytest.mark.parametrize(
    ("bounds", "count"),
    [((0, 10), 2), ((0, None), 1), ((None, 10), 1), ((None, None), 0)],
)
def test_values_outside_a_range_are_counted(
    tmp_path: Path, bounds: tuple[float | None, float | None], count: int
) -> None:
    report = checked(tmp_path, Column(type="integer", range=bounds), [-1, 0, 10, 11])

    assert check(report, "range").count == count


def test_a_sample_holds_five_values_at_most(tmp_path: Path) -> None:
    column = Column(type="integer", range=(0, None))

    found = check(checked(tmp_path, column, [-1] * 3, [-1] * 9), "range")

    assert found.count == 12
    assert [item["key"] for item in found.sample] == [100, 101, 102, 103, 104]


def test_words_outside_the_vocabulary_are_counted(tmp_path: Path) -> None:
    column = Column(type="string", nullable=True, allowed=["low", "high"])

    found = check(checked(tmp_path, column, ["low", "hgih", None]), "allowed")

    assert found.sample == ({"key": 101, "value": "hgih"},)
    assert found.expected == ["low", "high"]


def test_a_vocabulary_of_another_type_is_an_error_of_model_yaml(tmp_path: Path) -> None:
    column = Column(type="date", allowed=["soon"])

    with pytest.raises(DocumentError, match=r"columns\.x\.allowed"):
        checked(tmp_path, column, [dt.date(2026, 1, 31)])


@pytest.mark.parametrize(
    ("newest", "passed"),
    [
        (dt.date(2026, 1, 31), True),
        (dt.date(2026, 1, 24), True),
        (dt.date(2026, 1, 23), False),
        (dt.date(2026, 2, 3), True),
    ],
)
def test_the_newest_value_must_be_fresh_at_the_date_of_the_run(
    tmp_path: Path, newest: dt.date, passed: bool
) -> None:
    column = Column(type="date", freshness="7d")

    report = checked(tmp_path, column, [dt.date(2020, 1, 1)], [newest])

    assert check(report, "freshness").passed is passed


def test_moments_with_a_time_zone_can_be_fresh(tmp_path: Path) -> None:
    column = Column(type="timestamp", freshness="36h")
    moment = dt.datetime(2026, 1, 29, 13, tzinfo=dt.UTC)

    kind = pa.timestamp("us", "UTC")
    assert checked(tmp_path, column, [moment], kind=kind).passed


def test_a_value_that_comes_twice_in_two_batches_is_found(tmp_path: Path) -> None:
    column = Column(type="string", unique=True)

    found = check(checked(tmp_path, column, ["b", "a"], ["c", "a"]), "unique")

    assert (found.passed, found.count) == (False, 2)
    assert found.sample == ({"key": 101, "value": "a"}, {"key": 103, "value": "a"})


@pytest.mark.parametrize(
    "values", [["b", "a", "c"], ["a", "b", "c"], [None, "a", None]]
)
def test_values_that_come_once_are_unique_in_any_order(
    tmp_path: Path, values: list[str | None]
) -> None:
    column = Column(type="string", unique=True, nullable=True)

    assert checked(tmp_path, column, values).passed


def test_no_rows_is_a_failed_check(tmp_path: Path) -> None:
    column = Column(type="integer", unique=True)

    report = checked(tmp_path, column, [], kind=pa.int64())

    assert not report.passed
    assert sentences(report) == ["the extract has no rows: expected at least 1"]


def test_a_report_survives_json_and_says_what_failed(tmp_path: Path) -> None:
    report = checked(tmp_path, Column(type="integer", range=(0, None)), [-3, 1])

    assert Report.of_document(report.document()) == report
    assert sentences(report) == [
        "x: range expected [0.0, None]; 1 row does not fit, for example -3 (key 100)"
    ]
