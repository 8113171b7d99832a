"""When a model is trained again: five fields of cron, in UTC."""

import re
from typing import Annotated

from pydantic import AfterValidator

_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: Each field's name, its least and its largest value, and the names it may use.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(\*|(?P<first>\w+)(-(?P<last>\w+))?)(/(?P<step>\d+))?")


def check_cron(text: str) -> str:
    """Return `text`, or raise ValueError with the field that is wrong."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        message = f"cron has five fields, such as 0 6 * * 1; this has {len(fields)}"
        raise ValueError(message)
    for field, (name, least, most, names) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if not _fits(part, least, most, names):
                message = f"{part!r} is no {name}: {least} to {most}, *, ranges, steps"
                raise ValueError(message)
    return text


def _fits(part: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    found = _PART.fullmatch(part)
    if found is None or found["step"] == "0":
        return False
    ends = [
        _number(end, least, names)
        for end in (found["first"], found["last"])
        if end is not None
    ]
    return ends == sorted(ends) and all(least <= end <= most for end in ends)


def _number(text: str, least: int, names: tuple[str, ...]) -> int:
    """Return the value that a number or a name stands for; -1: it is neither."""
    if text.isdecimal():
        return int(text)
    known = {name: least + place for place, name in enumerate(names)}
    return known.get(text.lower(), -1)


Cron = Annotated[str, AfterValidator(check_cron)]
