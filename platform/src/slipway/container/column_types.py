"""The types of model.yaml as Arrow stores them: extracts, features and requests alike."""

import pyarrow as pa
import pyarrow.types as is_

#: The Arrow type that each type of model.yaml is stored as.
STORED: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def type_word(arrow: pa.DataType) -> str | None:
    """Return the type of model.yaml that an Arrow type is stored as, or None."""
    if is_.is_dictionary(arrow):
        return type_word(arrow.value_type)
    return next((word for word, fits in _FITS.items() if fits(arrow)), None)


def _is_number(arrow: pa.DataType) -> bool:
    return bool(is_.is_floating(arrow) or is_.is_decimal(arrow))


def _is_text(arrow: pa.DataType) -> bool:
    return bool(is_.is_string(arrow) or is_.is_large_string(arrow))


_FITS = {
    "integer": is_.is_integer,
    "number": _is_number,
    "string": _is_text,
    "boolean": is_.is_boolean,
    "date": is_.is_date,
    "timestamp": is_.is_timestamp,
}
