import datetime as dt
import decimal

import pyarrow as pa
import pytest

from slipway.container.extract.columns import check_columns, convert
from slipway.errors import DataQualityError
from slipway.spec import Column

NUMERIC = pa.opaque(pa.string(), "numeric", "PostgreSQL")


def declared(**types: str) -> dict[str, Column]:
    return {name: Column(type=kind) for name, kind in types.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answered", "columns", "reason"),
    [
        (
            {"a": pa.int64()},
            declared(a="integer", b="date"),
            "'b' is missing, expected date",
        ),
        (
            {"amount": pa.int64(), "amuont": pa.int64()},
            declared(amount="integer"),
            "'amuont' is not declared in model.yaml. Did you mean 'amount'?",
        ),
        ({"a": pa.string()}, declared(a="integer"), "'a' is string, expected integer"),
        ({"a": pa.float64()}, declared(a="integer"), "'a' is number, expected integer"),
        ({"a": NUMERIC}, declared(a="integer"), "'a' is numeric, expected integer"),
        ({"a": pa.bool_()}, declared(a="number"), "'a' is boolean, expected number"),
        (
            {"a": pa.timestamp("us")},
            declared(a="date"),
            "'a' is timestamp, expected date",
        ),
        ({"a": pa.binary()}, declared(a="string"), "'a' is binary, expected string"),
    ],
)
def test_a_column_that_does_not_fit_is_named(
    answered: dict[str, pa.DataType], columns: dict[str, Column], reason: str
) -> None:
    with pytest.raises(DataQualityError) as caught:
        check_columns(pa.schema(answered.items()), columns)

    assert reason in str(caught.value)


def test_every_fault_is_told_at_once() -> None:
    schema = pa.schema([("a", pa.string()), ("c", pa.int64())])

    with pytest.raises(DataQualityError) as caught:
        check_columns(schema, declared(a="date", b="integer"))

    assert all(f"'{name}'" in str(caught.value) for name in "abc")


def test_a_column_that_comes_twice_is_an_error() -> None:
    schema = pa.schema([("a", pa.int64()), ("a", pa.int64())])

    with pytest.raises(DataQualityError, match="'a' comes twice"):
        check_columns(schema, declared(a="integer"))


def test_warehouse_types_are_written_as_those_of_the_model() -> None:
    moment = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
    numeric = pa.ExtensionArray.from_storage(NUMERIC, pa.array(["1.50", None]))
    answered = pa.record_batch(
        {
            "seen_at": pa.array([moment, None], pa.timestamp("ns", "UTC")),
            "price": numeric,
            "total": pa.array([decimal.Decimal(7), None], pa.decimal128(38, 0)),
            "name": pa.array(["é", None]).dictionary_encode(),
            "nothing": pa.nulls(2),
            "small": pa.array([1, None], pa.int16()),
        }
    )
    columns = declared(
        small="number",
        price="number",
        total="integer",
        name="string",
        nothing="date",
        seen_at="timestamp",
    )

    batch = convert(answered, check_columns(answered.schema, columns))

    assert batch.schema.names == list(columns)
    assert batch.to_pylist()[0] == {
        "small": 1.0,
        "price": 1.5,
        "total": 7,
        "name": "é",
        "nothing": None,
        "seen_at": moment,
    }
    assert set(batch.to_pylist()[1].values()) == {None}


def test_a_value_that_does_not_fit_its_type_is_an_error() -> None:
    answered = pa.record_batch({"a": pa.array([2**64 - 1], pa.uint64())})

    with pytest.raises(DataQualityError, match="'a' holds a value that is no integer"):
        convert(answered, check_columns(answered.schema, declared(a="integer")))
