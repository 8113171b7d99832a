"""How long something may take, as `model.yaml` writes it: 30m, 6h, 2d."""

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator

_DURATION = re.compile(r"(?P<number>[1-9]\d{0,3})(?P<unit>[mhd])")
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}


def check_duration(text: str) -> str:
    """Return `text`, or raise ValueError when it is no number with m, h or d."""
    if not _DURATION.fullmatch(text):
        message = "a duration is a number of minutes, hours or days: 30m, 6h or 2d"
        raise ValueError(message)
    return text


def minutes_of(text: str) -> int:
    """Return the minutes that a checked duration stands for."""
    number, unit = int(text[:-1]), text[-1]
    return number * _MINUTES[unit]


def timedelta_of(text: str) -> dt.timedelta:
    """Return a checked duration as Python's."""
    return dt.timedelta(minutes=minutes_of(text))


Duration = Annotated[str, AfterValidator(check_duration)]
