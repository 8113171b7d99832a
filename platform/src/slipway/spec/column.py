"""A column of the extract, and what is expected of its values."""

import datetime as dt
import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from slipway.spec.strict import Strict

ColumnType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]

_AGE = re.compile(r"(\d+)(h|d)")
_HOURS = {"h": 1, "d": 24}
_ORDERED = {"integer", "number"}
_TIMES = {"date", "timestamp"}
#: What YAML reads an allowed value of each type as; dates are written in quotes.
_WRITTEN_AS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int,),
    "string": (str,),
    "boolean": (bool,),
    "date": (str,),
    "timestamp": (str,),
}


class Column(Strict):
    """A column that the extract must have, and the expectations on its values."""

    type: ColumnType = Field(
        description="The values' type: the extract stops when the warehouse's differs",
        examples=["number"],
    )
    nullable: bool = Field(False, description="Whether a value may be missing")
    unique: bool = Field(False, description="Whether no value may come twice")
    range: tuple[float | None, float | None] | None = Field(
        None,
        description="Smallest and largest value, both allowed; null leaves a side open",
        examples=["[0, 100]"],
    )
    allowed: list[str | int | bool] | None = Field(
        None,
        description="The only values that may occur",
        examples=["[low, high]"],
        min_length=1,
    )
    freshness: str | None = Field(
        None,
        description="How old the newest value may be at the run's date: 36h, 400d",
        examples=["7d"],
    )

    @field_validator("freshness")
    @classmethod
    def _is_an_age(cls, value: str | None) -> str | None:
        if value is not None and not _AGE.fullmatch(value):
            message = "an age is a number of hours or days, such as 36h or 7d"
            raise ValueError(message)
        return value

    @field_validator("range")
    @classmethod
    def _is_in_order(
        cls, value: tuple[float | None, float | None] | None
    ) -> tuple[float | None, float | None] | None:
        if value and None not in value and value[0] > value[1]:  # type: ignore[operator]  # both are numbers here
            message = "the smallest value comes first"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _fits_the_type(self) -> Self:
        if self.range is not None and self.type not in _ORDERED:
            message = f"a {self.type} column has no range; integer and number do"
            raise ValueError(message)
        for value in self.allowed or ():
            if type(value) not in _WRITTEN_AS[self.type]:
                message = f"allowed holds {value!r}, which is no {self.type}"
                raise ValueError(message)
        if self.freshness is not None and self.type not in _TIMES:
            message = f"a {self.type} column has no freshness; date and timestamp do"
            raise ValueError(message)
        return self

    @property
    def oldest(self) -> dt.timedelta | None:
        """The age that `freshness` allows, or None."""
        if self.freshness is None or (age := _AGE.fullmatch(self.freshness)) is None:
            return None
        return dt.timedelta(hours=int(age[1]) * _HOURS[age[2]])
