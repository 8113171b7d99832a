"""Numbers that JSON has no signs for, which clients send as texts."""

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

_SPECIAL = {name: float(name) for name in ("NaN", "Infinity", "-Infinity")}


def with_special_numbers(value: Any, shape: Shape | None) -> Any:
    """Return a request whose numbers are numbers, by the shape of its operation."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {
            name: with_special_numbers(inner, shape.members.get(name))
            for name, inner in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [with_special_numbers(item, shape.member) for item in value]
    if shape is not None and shape.type_name == "double" and isinstance(value, str):
        return _SPECIAL.get(value, value)
    return value
