"""The part of JSONPath that batch transform has.

Libraries of JSONPath return a list of matches; SageMaker keeps the shape: names make an
object, slices an array. Source:
docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import re
from dataclasses import dataclass
from typing import Any

from slipway.errors import SlipwayError

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]'\"*\s]+)|\.(?P<star>\*)|\.?\[(?P<inner>[^\]]*)\]"
)
_NAME = re.compile(r"\s*(?:'([^']+)'|\"([^\"]+)\")\s*")
_INDEX = re.compile(r"\s*(-?\d+)\s*")
_SLICE = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*")


class JsonPathError(SlipwayError, ValueError):
    """An expression is not one, or does not fit a value."""


@dataclass(frozen=True)
class _Names:
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Places:
    places: tuple[int | slice, ...]


@dataclass(frozen=True)
class _Everything:
    """The wildcard."""


_Step = _Names | _Places | _Everything


@dataclass(frozen=True)
class JsonPath:
    """One expression, ready to be applied."""

    steps: tuple[_Step, ...]

    @property
    def is_root(self) -> bool:
        """Whether it selects the value as it is."""
        return not self.steps

    def of(self, value: Any) -> Any:
        """Return what it selects; what is not there is a JsonPathError."""
        return _selected(self.steps, value)


def parsed(expression: str) -> JsonPath:
    """Read an expression; the empty one is `$`."""
    steps: list[_Step] = []
    position = 1
    if expression and not expression.startswith("$"):
        raise _invalid(expression)
    while position < len(expression):
        match = _STEP.match(expression, position)
        several = bool(steps) and isinstance(steps[-1], _Names) and _several(steps[-1])
        if match is None or several:
            raise _invalid(expression)
        steps.append(_step(match, expression))
        position = match.end()
    return JsonPath(tuple(steps))


def _step(match: re.Match[str], expression: str) -> _Step:
    if match["name"] is not None:
        return _Names((match["name"],))
    if match["star"] is not None or match["inner"].strip() == "*":
        return _Everything()
    parts = _parts(match["inner"])
    named = [_NAME.fullmatch(part) for part in parts]
    if all(named):
        return _Names(tuple(each[1] or each[2] for each in named if each))
    return _Places(tuple(_place(part, expression) for part in parts))


def _parts(inner: str) -> list[str]:
    """Split at commas that are in no quotes."""
    return re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^,'\"])+", inner) or [inner]


def _place(part: str, expression: str) -> int | slice:
    if index := _INDEX.fullmatch(part):
        return int(index[1])
    if cut := _SLICE.fullmatch(part):
        return slice(*(None if end is None else int(end) for end in cut.groups()))
    raise _invalid(expression)


def _several(step: _Names) -> bool:
    return len(step.names) > 1


def _selected(steps: tuple[_Step, ...], value: Any) -> Any:
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(first, _Names):
        if _several(first):
            return {name: _child(value, name) for name in first.names}
        return _selected(rest, _child(value, first.names[0]))
    if isinstance(first, _Places):
        places = first.places
        if len(places) == 1 and isinstance(places[0], int):
            return _selected(rest, _element(value, places[0]))
        return [
            _selected(rest, each) for place in places for each in _cut(value, place)
        ]
    if not isinstance(value, dict | list):
        message = f"a wildcard selects nothing of {_kind(value)}"
        raise JsonPathError(message)
    inner = value.values() if isinstance(value, dict) else value
    return [_selected(rest, each) for each in inner]


def _child(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        message = f"there is no attribute '{name}' in {_kind(value)}"
        raise JsonPathError(message)
    return value[name]


def _element(value: Any, index: int) -> Any:
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        message = f"there is no index {index} in {_kind(value)}"
        raise JsonPathError(message)
    return value[index]


def _cut(value: Any, place: int | slice) -> list[Any]:
    if isinstance(place, int):
        return [_element(value, place)]
    if not isinstance(value, list):
        message = f"a slice selects nothing of {_kind(value)}"
        raise JsonPathError(message)
    return value[place]


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return "an object" if isinstance(value, dict) else "a single value"


def _invalid(expression: str) -> JsonPathError:
    message = (
        f"'{expression}' is not a JSONPath expression that batch transform supports"
    )
    return JsonPathError(message)
