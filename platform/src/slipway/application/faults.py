"""What a request says wrong, in words."""

import datetime as dt
import re

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from slipway.application.fields import WORDS
from slipway.errors import shortened, suggestion

#: Faults of a request that its refusal names; the others are told by their number.
_NAMED = 3
_LONGEST_VALUE = 80
#: A word that is known, as pydantic writes it.
_QUOTED = re.compile(r"'([^']*)'")
#: What pydantic writes before the words of a check of ours.
_OWN = "Value error, "
#: What was expected, by pydantic's word for the fault.
_EXPECTED = {
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "int_type": "it must be a whole number",
    "string_too_short": "it must have a length of {min_length} or more",
    "string_too_long": "it has more than {max_length} characters",
    "too_long": "it has more than {max_length} items",
}


def faults_of(error: ValidationError) -> str:
    """Return where a request is wrong, and what was expected there, in one line."""
    faults = error.errors(include_url=False)
    told = "; ".join(_fault(fault) for fault in faults[:_NAMED])
    more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    return f"{told}{more}"


def _fault(fault: ErrorDetails) -> str:
    where = ".".join(str(part) for part in fault["loc"]) or "the request"
    if fault["type"] == "missing":
        return f"{where} is missing"
    if fault["type"] == "extra_forbidden":
        return f"{where} is not known"
    return f"{where} is {_shown(fault['input'])}: {_expected(fault)}"


def _shown(given: object) -> str:
    value = str(given) if isinstance(given, dt.datetime) else repr(given)
    return shortened(value, _LONGEST_VALUE)


def _expected(fault: ErrorDetails) -> str:
    """Return what was expected, in our words where there are some, else in pydantic's."""
    facts = fault.get("ctx", {})
    if fault["type"] == "literal_error":
        known = _QUOTED.findall(facts["expected"])
        return f"there is no such word.{suggestion(str(fault['input']), known)}"
    if (form := WORDS.get(facts.get("pattern", ""))) is not None:
        return f"it must be {form}"
    said = _EXPECTED.get(fault["type"])
    return said.format_map(facts) if said else fault["msg"].removeprefix(_OWN)
