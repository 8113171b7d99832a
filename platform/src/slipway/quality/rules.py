"""The rules that each value of a column must keep, as data."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from slipway.errors import DocumentError
from slipway.quality.constants import constant, constants
from slipway.spec import Column

#: Takes a column of a batch, returns True where a value breaks the rule.
Broken = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Rule:
    """A rule that is decided value by value."""

    #: The column it is about.
    column: str
    #: `not_null`, `finite`, `range` or `allowed`.
    name: str
    #: What model.yaml expects, as JSON.
    expected: Any
    #: Which values break it.
    broken: Broken


def value_rules(name: str, column: Column, arrow: pa.DataType) -> Iterator[Rule]:
    """Yield the rules of one column whose values arrive as the Arrow type `arrow`."""
    if not column.nullable:
        yield Rule(name, "not_null", True, is_missing)
    if is_.is_floating(arrow):
        yield Rule(name, "finite", True, pc.is_inf)
    if column.range is not None:
        low, high = column.range
        yield Rule(name, "range", [low, high], _outside(low, high))
    if column.allowed is not None:
        values = _vocabulary(name, column.allowed, arrow)
        yield Rule(name, "allowed", list(column.allowed), _not_among(values))


def is_missing(values: pa.Array) -> pa.Array:
    """Return True where a value is null or NaN."""
    return pc.is_null(values, nan_is_null=True)


def _outside(low: float | None, high: float | None) -> Broken:
    least = constant(-math.inf if low is None else low, pa.float64())
    most = constant(math.inf if high is None else high, pa.float64())

    def broken(values: pa.Array) -> pa.Array:
        return pc.or_(pc.less(values, least), pc.greater(values, most))

    return broken


def _not_among(allowed: pa.Array) -> Broken:
    def broken(values: pa.Array) -> pa.Array:
        known = pc.is_in(values, value_set=allowed)
        return pc.and_not(pc.is_valid(values), known)

    return broken


def _vocabulary(
    name: str, allowed: list[str | int | bool], arrow: pa.DataType
) -> pa.Array:
    try:
        return constants(allowed, arrow)
    except pa.ArrowInvalid as error:
        message = f"model.yaml: columns.{name}.allowed does not fit its type: {error}"
        raise DocumentError(message) from error
