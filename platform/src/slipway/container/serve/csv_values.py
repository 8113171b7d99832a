"""The text of a CSV field as the value that JSON would have held."""

import re

from slipway.container.features import Feature

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}
#: The longest text of a number: a double's own needs 24, an exact decimal may need more.
_LONGEST = 400


def typed_value(feature: Feature, text: str) -> str | int | float | bool | None:
    """Return the field's value in the feature's type; text that is none stays text.

    An empty field is a missing value; where none may be missing, and the column is of
    text, it is the empty text.
    """
    if not text:
        return "" if feature.type == "string" and not feature.nullable else None
    if feature.type == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if feature.type == "number" and len(text) < _LONGEST and _NUMBER.fullmatch(text):
        return float(text)
    if feature.type == "boolean":
        return _BOOLEANS.get(text, text)
    return text
