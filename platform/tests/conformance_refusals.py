"""Every refusal of the local SageMaker's own, as a pattern of its code and message."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slipway.sagemaker_local import deployment_faults, faults
from slipway.sagemaker_local.faults import AwsError

#: Refusals that no client can bring about on purpose, with the reason.
UNREACHED: Mapping[str, str] = {
    "storage_full": "the disk of the server has to be full: a unit test asks for it",
    "validation": "what most of the others are made by",
}
_ARGUMENTS: Mapping[Any, Callable[[int], Any]] = {
    str: lambda place: f"<{place}>",
    int: lambda place: 7_000_000 + place,
    float: lambda place: 7_000_000 + place,
    tuple[str, str]: lambda place: (f"<{place}>", f"<{place}>"),
    tuple[int, int]: lambda place: (7_000_000 + place, 7_000_000 + place),
    Sequence[str]: lambda place: [f"<{place}>"],
}
_PLACES = re.compile(r"<\d+>|700000\d")


def refusals() -> dict[str, re.Pattern[str]]:
    """Return a pattern of `code: message` for each function that makes a refusal."""
    return {
        name: _pattern(make)
        for module in (faults, deployment_faults)
        for name, make in inspect.getmembers(module, inspect.isfunction)
        if inspect.signature(make).return_annotation is AwsError
    }


def _pattern(make: Callable[..., AwsError]) -> re.Pattern[str]:
    parameters = inspect.signature(make).parameters.values()
    bound = inspect.signature(make).bind_partial()
    for place, each in enumerate(parameters):
        bound.arguments[each.name] = _ARGUMENTS[each.annotation](place)
    error = make(*bound.args, **bound.kwargs)
    fixed = _PLACES.split(f"{error.code}: {error}")
    return re.compile(".*".join(map(re.escape, fixed)), re.DOTALL)
