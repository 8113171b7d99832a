"""The columns that a warehouse answers with, against those that model.yaml declares."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from slipway.container.column_types import STORED, type_word
from slipway.errors import DataQualityError, suggestion
from slipway.spec import Column


def check_columns(answered: pa.Schema, declared: Mapping[str, Column]) -> pa.Schema:
    """Return the schema to write; raise DataQualityError for columns that do not fit.

    The error names each column that is missing, not declared, twice there, or of another
    type, with what came and what was expected.
    """
    faults = [
        *_missing(answered, declared),
        *_unexpected(answered, declared),
        *_mistyped(answered, declared),
    ]
    if faults:
        message = f"extract.sql and model.yaml differ: {'; '.join(faults)}"
        raise DataQualityError(message)
    return pa.schema(
        [
            pa.field(name, written_type(answered.field(name).type, column.type))
            for name, column in declared.items()
        ]
    )


def convert(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return `batch` with the columns, the order and the types of `schema`."""
    columns = [_cast(batch.column(field.name), field) for field in schema]
    return pa.record_batch(columns, schema=schema)


def written_type(arrow: pa.DataType, declared: str) -> pa.DataType:
    """Return the Arrow type that a column is written as; a time zone is kept as UTC."""
    if is_.is_timestamp(arrow) and arrow.tz is not None:
        return pa.timestamp("us", tz="UTC")
    return STORED[declared]


def type_name(arrow: pa.DataType) -> str:
    """Return the warehouse's type in the words of model.yaml, or Arrow's own word."""
    if isinstance(arrow, pa.OpaqueType):
        return str(arrow.type_name)
    return type_word(arrow) or str(arrow)


def _missing(answered: pa.Schema, declared: Mapping[str, Column]) -> list[str]:
    return [
        f"the column {name!r} is missing, expected {column.type};"
        f" the script returns {', '.join(answered.names)}"
        for name, column in declared.items()
        if name not in answered.names
    ]


def _unexpected(answered: pa.Schema, declared: Mapping[str, Column]) -> list[str]:
    faults = [
        f"the column {name!r} is not declared in model.yaml.{suggestion(name, declared)}"
        for name in answered.names
        if name not in declared
    ]
    twice = {name for name in answered.names if answered.names.count(name) > 1}
    return faults + [f"the column {name!r} comes twice" for name in sorted(twice)]


def _mistyped(answered: pa.Schema, declared: Mapping[str, Column]) -> list[str]:
    return [
        f"the column {name!r} is {type_name(answered.field(name).type)},"
        f" expected {column.type}"
        for name, column in declared.items()
        if answered.names.count(name) == 1
        and not _ACCEPTED[column.type](answered.field(name).type)
    ]


def _cast(values: pa.Array, field: pa.Field) -> pa.Array:
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    try:
        return pc.cast(values, field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = (
            f"The column {field.name!r} holds a value that is no"
            f" {type_name(field.type)}: {error}"
        )
        raise DataQualityError(message) from error


def _is_whole(arrow: pa.DataType) -> bool:
    whole_decimal = is_.is_decimal(arrow) and arrow.scale == 0
    return bool(is_.is_integer(arrow) or whole_decimal)


def _is_numeric(arrow: pa.DataType) -> bool:
    if isinstance(arrow, pa.OpaqueType):
        return bool(arrow.type_name == "numeric")
    return bool(
        is_.is_integer(arrow) or is_.is_floating(arrow) or is_.is_decimal(arrow)
    )


def _is_text(arrow: pa.DataType) -> bool:
    if isinstance(arrow, pa.OpaqueType):
        return bool(arrow.type_name != "numeric" and is_.is_string(arrow.storage_type))
    if is_.is_dictionary(arrow):
        return _is_text(arrow.value_type)
    return bool(is_.is_string(arrow) or is_.is_large_string(arrow))


def _is_nothing_or(
    fits: Callable[[pa.DataType], bool],
) -> Callable[[pa.DataType], bool]:
    return lambda arrow: bool(is_.is_null(arrow) or fits(arrow))


_ACCEPTED: dict[str, Callable[[pa.DataType], bool]] = {
    "integer": _is_nothing_or(_is_whole),
    "number": _is_nothing_or(_is_numeric),
    "string": _is_nothing_or(_is_text),
    "boolean": _is_nothing_or(is_.is_boolean),
    "date": _is_nothing_or(is_.is_date),
    "timestamp": _is_nothing_or(is_.is_timestamp),
}
