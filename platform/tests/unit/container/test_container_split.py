import time

import pyarrow as pa
import pytest

from slipway.container.split import key_fractions, split_rows
from slipway.errors import InvalidRequestError
from slipway.spec import Split


def keys(values: object) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


def test_a_key_has_the_same_fraction_on_every_machine() -> None:
    assert key_fractions(keys([1, 2])).tolist() == pytest.approx(
        [0.9647866495940682, 0.10919374017742955]
    )
    assert (
        key_fractions(keys(["1", "2"])).tolist() == key_fractions(keys([1, 2])).tolist()
    )


def test_a_rows_split_depends_on_its_key_alone() -> None:
    table = pa.table({"id": range(1000)})
    some = table.filter(pa.array([number % 3 == 0 for number in range(1000)]))

    whole, part = (
        split_rows(t.take(pa.array(range(len(t))[::-1])), "id", Split())
        for t in (table, some)
    )

    for name, rows in part.items():
        assert set(rows["id"].to_pylist()) <= set(whole[name]["id"].to_pylist())


def test_the_shares_are_about_those_asked_for() -> None:
    parts = split_rows(pa.table({"id": range(20_000)}), "id", Split())

    shares = {name: len(rows) / 20_000 for name, rows in parts.items()}
    assert shares == pytest.approx(
        {"train": 0.7, "validation": 0.15, "test": 0.15}, abs=0.01
    )


def test_without_a_validation_share_no_row_goes_there() -> None:
    shares = Split(train=0.8, validation=0, test=0.2)

    parts = split_rows(pa.table({"id": range(100)}), "id", shares)

    assert len(parts["validation"]) == 0
    assert len(parts["train"]) + len(parts["test"]) == 100


def test_a_split_without_rows_is_an_error() -> None:
    with pytest.raises(
        InvalidRequestError, match="split has no rows: 1 rows are too few"
    ):
        split_rows(pa.table({"id": [1]}), "id", Split())


def test_a_million_keys_are_split_in_seconds() -> None:
    table = pa.table({"id": pa.array(range(1_000_000))})
    started = time.process_time()

    split_rows(table, "id", Split())

    assert time.process_time() - started < 10
