"""The named parameters of a model's SQL script."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from slipway.errors import InvalidRequestError, suggestion
from slipway.spec.strict import Strict

ParameterType = Literal["date", "integer", "number", "string", "boolean"]
Value = str | int | float | bool

#: The default that stands for the date a run is for.
RUN_DATE = "run_date"


class Parameter(Strict):
    """A value that the SQL script names as `:parameter` or `$parameter`."""

    type: ParameterType = Field(description="The value's type", examples=["date"])
    default: Value | None = Field(
        None,
        description="Its value when a run names none; run_date is the run's own date",
        examples=[RUN_DATE],
    )

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        if self.default is not None and self.default != RUN_DATE:
            parse_value("default", self, self.default)
        if self.default == RUN_DATE and self.type not in {"date", "string"}:
            message = f"run_date is a date, and the parameter is of type {self.type}"
            raise ValueError(message)
        return self


def bind_parameters(
    declared: Mapping[str, Parameter], given: Mapping[str, Value], run_date: dt.date
) -> dict[str, Value]:
    """Return a value for each declared parameter: the given one, or its default."""
    for name in given:
        if name not in declared:
            message = f"{name!r} is not a SQL parameter.{suggestion(name, declared)}"
            raise InvalidRequestError(message)
    bound: dict[str, Value] = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.default)
        if value is None:
            message = (
                f"The SQL parameter {name!r} has no default: give --param {name}=…"
            )
            raise InvalidRequestError(message)
        if value == RUN_DATE:
            value = run_date.isoformat()
        bound[name] = parse_value(name, parameter, value)
    return bound


def parse_value(name: str, parameter: Parameter, value: Value) -> Value:
    """Return `value` as the parameter's type (dates as ISO text), or raise."""
    try:
        return _PARSERS[parameter.type](value)
    except (TypeError, ValueError) as error:
        message = f"{name!r} must be of type {parameter.type}, not {value!r}"
        raise InvalidRequestError(message) from error


def _integer(value: Value) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value % 1):
        raise TypeError(value)
    return int(value)


def _number(value: Value) -> float:
    if isinstance(value, bool) or not math.isfinite(number := float(value)):
        raise TypeError(value)
    return number


def _boolean(value: Value) -> bool:
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError(value)
    return text == "true"


def _date(value: Value) -> str:
    return dt.date.fromisoformat(str(value)).isoformat()


_PARSERS: dict[str, Callable[[Value], Value]] = {
    "date": _date,
    "integer": _integer,
    "number": _number,
    "string": str,
    "boolean": _boolean,
}
