"""Rows of a request as the frame that predict() is given, each value checked."""

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from slipway.container.column_types import STORED
from slipway.container.features import Feature
from slipway.container.serve.bodies import Row, unknown_column
from slipway.container.serve.refusal import RequestRefusedError

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[-+][0-9]{2}:[0-9]{2})?"
)
#: What an integer of 64 bits holds.
_INTEGERS = range(-(2**63), 2**63)


def input_frame(rows: Sequence[Row], features: Sequence[Feature]) -> pd.DataFrame:
    """Return the rows as a frame with exactly the model's columns, in their order.

    The types are those of the training rows. Raise RequestRefusedError, with the row
    (from 0) and the column, for the first value that does not fit.
    """
    names = [feature.name for feature in features]
    known = set(names)
    for number, row in enumerate(rows):
        if row.keys() != known:
            raise _wrong_columns(row, names, number)
    columns = [
        pa.array(_column(rows, feature), STORED[feature.type]) for feature in features
    ]
    frame: pd.DataFrame = pa.table(columns, names=names).to_pandas()
    return frame


def _column(rows: Sequence[Row], feature: Feature) -> list[Any]:
    convert = _CONVERT[feature.type]
    name = feature.name
    values: list[Any] = []
    for number, row in enumerate(rows):
        value = row[name]
        if value is None:
            if not feature.nullable:
                raise _missing_value(feature, number)
            values.append(None)
            continue
        try:
            values.append(convert(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise _wrong_value(feature, number, value) from error
    return values


def _integer(value: Any) -> int:
    if type(value) is not int or value not in _INTEGERS:
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise TypeError(value)
    if not math.isfinite(number := float(value)):
        raise ValueError(value)
    return number


def _string(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(value)
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError(value)
    return value


def _date(value: Any) -> dt.date:
    if not _DATE.fullmatch(value):
        raise ValueError(value)
    return dt.date.fromisoformat(value)


def _timestamp(value: Any) -> dt.datetime:
    if not _TIMESTAMP.fullmatch(value):
        raise ValueError(value)
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
_EXPECTED = {
    "integer": "a whole number of 64 bits",
    "number": "a finite number",
    "string": "text",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "timestamp": "a moment as YYYY-MM-DDTHH:MM:SS",
}


def _wrong_columns(row: Row, names: Sequence[str], number: int) -> RequestRefusedError:
    for name in names:
        if name not in row:
            message = f"Row {number} lacks the column {name!r}"
            return RequestRefusedError(
                message, code="missing_column", row=number, column=name
            )
    extra = next(name for name in row if name not in names)
    return unknown_column(extra, names, row=number)


def _missing_value(feature: Feature, number: int) -> RequestRefusedError:
    message = (
        f"Row {number}: {feature.name!r} is missing, and no training row lacked it;"
        f" send {_EXPECTED[feature.type]}"
    )
    return RequestRefusedError(
        message, code="missing_value", row=number, column=feature.name
    )


def _wrong_value(feature: Feature, number: int, value: Any) -> RequestRefusedError:
    message = (
        f"Row {number}: {feature.name!r} is {value!r:.100}; send"
        f" {_EXPECTED[feature.type]}"
    )
    return RequestRefusedError(
        message, code="wrong_type", row=number, column=feature.name
    )
