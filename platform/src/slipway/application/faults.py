"""What a request says wrong, in words."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: Faults of a request that its refusal names; the others are told by their number.
_NAMED = 3
_LONGEST_VALUE = 80


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
    value = repr(fault["input"])
    shown = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
    return f"{where} is {shown}: {fault['msg']}"
