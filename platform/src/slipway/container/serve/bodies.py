"""Request bodies as rows: JSON, JSON lines and CSV, read strictly."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import orjson

from slipway.container.features import Feature
from slipway.container.serve.csv_values import typed_value
from slipway.container.serve.media import CSV, JSON, LINES
from slipway.container.serve.refusal import RequestRefusedError

Row = dict[str, Any]


def read_rows(body: bytes, media: str, features: Sequence[Feature]) -> list[Row]:
    """Return the rows of a request; their values are not checked yet, for JSON."""
    rows = {
        JSON: lambda: _json_rows(body),
        LINES: lambda: _json_lines(body),
        CSV: lambda: _csv_rows(body, features),
    }[media]()
    if not rows:
        message = "The request has no rows; send one or more"
        raise RequestRefusedError(message, code="no_rows")
    return rows


def _json_rows(body: bytes) -> list[Row]:
    document = _parsed(body, None)
    if isinstance(document, dict):
        if "instances" not in document:
            return [document]
        if others := sorted(set(document) - {"instances"}):
            message = f"Beside 'instances', the request has {others[0]!r}: leave it out"
            raise RequestRefusedError(message)
        document = document["instances"]
    if not isinstance(document, list):
        message = (
            'Send {"instances": [{…}]}, a list of objects or one object;'
            f" this is {_kind(document)}"
        )
        raise RequestRefusedError(message)
    return [_object(item, row) for row, item in enumerate(document)]


def _json_lines(body: bytes) -> list[Row]:
    lines = body.removesuffix(b"\n").split(b"\n") if body else []
    return [_object(_parsed(line, row), row) for row, line in enumerate(lines)]


def _csv_rows(body: bytes, features: Sequence[Feature]) -> list[Row]:
    records = _csv_records(body)
    if not records:
        message = "The request is empty; CSV needs a header row with the columns' names"
        raise RequestRefusedError(message, code="no_rows")
    header, *lines = records
    known = {feature.name: feature for feature in features}
    _check_header(header, known)
    rows = []
    for number, values in enumerate(lines):
        if len(values) != len(header):
            message = f"Row {number} has {len(values)} values for {len(header)} columns"
            raise RequestRefusedError(message, row=number)
        pairs = zip(header, values, strict=True)
        rows.append({name: typed_value(known[name], text) for name, text in pairs})
    return rows


def _csv_records(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The request is not UTF-8 text: byte {error.start} is wrong"
        raise RequestRefusedError(message) from error
    if "\x00" in text:
        message = "The request has a NUL character, which is no part of CSV"
        raise RequestRefusedError(message)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        message = f"The request is not CSV: {error}"
        raise RequestRefusedError(message) from error


def _check_header(header: Sequence[str], known: dict[str, Feature]) -> None:
    for name in header:
        if name not in known:
            raise unknown_column(name, list(known), row=None)
        if header.count(name) > 1:
            message = f"The header names the column {name!r} twice"
            raise RequestRefusedError(message, column=name)


def unknown_column(
    name: str, known: Sequence[str], *, row: int | None
) -> RequestRefusedError:
    """Return the error for a column that the model does not know."""
    where = "The header" if row is None else f"Row {row}"
    message = (
        f"{where} has the column {name!r:.100}, which the model does not know."
        f" Its columns: {', '.join(known)}"
    )
    return RequestRefusedError(message, code="unknown_column", row=row, column=name)


def _parsed(text: bytes, row: int | None) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = "The request" if row is None else f"Line {row}"
        message = f"{where} is not strict JSON: {error}"
        raise RequestRefusedError(message, code="invalid_json", row=row) from error


def _object(item: Any, row: int) -> Row:
    if not isinstance(item, dict):
        message = f"Row {row} must be an object with the columns' names; it is"
        message = f"{message} {_kind(item)}"
        raise RequestRefusedError(message, row=row)
    return item


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean"}
    return names.get(type(value), "null" if value is None else "a number")
