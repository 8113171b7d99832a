"""Moments as requests and answers hold them, by the shape of the operation."""

import datetime as dt
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from botocore.utils import parse_timestamp


def seconds(value: Any) -> float:
    """Return a moment of a request in seconds since the epoch; else a ValueError."""
    try:
        moment: dt.datetime = (
            value if isinstance(value, dt.datetime) else parse_timestamp(value)
        )
        return moment.timestamp()
    except (OverflowError, OSError, RuntimeError, TypeError) as error:
        message = f"'{value}' is not a moment"
        raise ValueError(message) from error


def written(content: Any, shape: Shape) -> Any:
    """Return an answer whose moments, in seconds, are dates with their zone."""
    if isinstance(shape, StructureShape):
        return {
            name: written(value, shape.members[name]) for name, value in content.items()
        }
    if isinstance(shape, ListShape):
        return [written(item, shape.member) for item in content]
    if shape.type_name == "timestamp":
        return dt.datetime.fromtimestamp(content, dt.UTC)
    return content
