"""The check of a payload against the shapes of botocore's service model."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import regex

from slipway.errors import shortened
from slipway.sagemaker.service_model import input_shape

What = Literal["required", "type", "unknown", "enum", "pattern", "length", "value"]
Check = Callable[[Any, str], "Iterator[Violation]"]

#: What a JSON or a Python caller may write for each scalar type of the model.
SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (dt.datetime, int, float, str),
    "blob": (bytes, bytearray, str),
}


@dataclass(frozen=True)
class Violation:
    """One reason for which SageMaker would refuse a payload."""

    #: Where, as AWS writes it: `algorithmSpecification.trainingInputMode`.
    path: str
    #: Which rule of the model is broken.
    what: What
    #: The sentence in AWS's words.
    message: str


def violations(
    service: str, operation: str, payload: Mapping[str, Any]
) -> list[Violation]:
    """Return every violation of a payload, in the order of its members."""
    shape = input_shape(service, operation)
    if shape is None:
        return [_unknown(name, name, ()) for name in payload]
    return list(_checker(shape)(payload, ""))


def summary(found: Sequence[Violation]) -> str:
    """Return AWS's one-line message for violations."""
    noun = "error" if len(found) == 1 else "errors"
    sentences = "; ".join(violation.message for violation in found)
    return f"{len(found)} validation {noun} detected: {sentences}"


def _at(path: str, member: str) -> str:
    name = member[:1].lower() + member[1:]
    return f"{path}.{name}" if path else name


def _failed(value: object, path: str, what: What, must: str) -> Violation:
    shown = "null" if value is None else f"'{_short(value)}'"
    text = f"Value {shown} at '{path}' failed to satisfy constraint: Member must {must}"
    return Violation(path, what, text)


def _short(value: object) -> str:
    return shortened(str(value), 200)


def _unknown(path: str, name: str, known: Sequence[str]) -> Violation:
    members = ", ".join(known) or "none"
    text = f"Unknown member '{name}' at '{path}'. Known members: {members}"
    return Violation(path, "unknown", text)


def _mistyped(value: object, path: str, type_name: str) -> Violation:
    text = f"Value '{_short(value)}' at '{path}' can not be converted to {type_name}"
    return Violation(path, "type", text)


# Botocore's shapes hash by identity; they live as long as their service model.
@cache
def _checker(shape: Any) -> Check:
    """Compile a shape into a function that yields the violations of a value."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape)
    if kind == "list":
        return _list(shape)
    if kind == "map":
        return _map(shape)
    return _scalar(shape)


def _structure(shape: Any) -> Check:
    required = tuple(shape.required_members)
    members = shape.members

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield _mistyped(value, path, "a structure")
            return
        for name in required:
            if value.get(name) is None:
                yield _failed(None, _at(path, name), "required", "not be null")
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                yield _unknown(_at(path, str(name)), str(name), tuple(members))
            elif item is not None:
                yield from _checker(member)(item, _at(path, name))

    return check


def _list(shape: Any) -> Check:
    bounds = _bounds(shape, "length")

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, list | tuple):
            yield _mistyped(value, path, "a list")
            return
        yield from bounds(value, len(value), path)
        for index, item in enumerate(value, start=1):
            yield from _checker(shape.member)(item, f"{path}.{index}.member")

    return check


def _map(shape: Any) -> Check:
    bounds = _bounds(shape, "length")

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield _mistyped(value, path, "a map")
            return
        yield from bounds(value, len(value), path)
        for key, item in value.items():
            yield from _checker(shape.key)(key, f"{path}.key")
            yield from _checker(shape.value)(item, f"{path}.{key}.member")

    return check


def _scalar(shape: Any) -> Check:
    kind, accepted = shape.type_name, SCALARS[shape.type_name]
    sized = kind in ("string", "blob", "character")
    bounds = _bounds(shape, "length" if sized else "value")
    enum, pattern = tuple(getattr(shape, "enum", ())), shape.metadata.get("pattern")
    known, compiled = frozenset(enum), java_pattern(pattern) if pattern else None

    def check(value: Any, path: str) -> Iterator[Violation]:
        is_stray_boolean = isinstance(value, bool) and kind != "boolean"
        if is_stray_boolean or not isinstance(value, accepted):
            yield _mistyped(value, path, kind)
            return
        measured: Any = value
        yield from bounds(value, len(measured) if sized else measured, path)
        if known and value not in known:
            must = f"satisfy enum value set: [{', '.join(enum)}]"
            yield _failed(value, path, "enum", must)
        if compiled and not compiled.fullmatch(value):
            must = f"satisfy regular expression pattern: {pattern}"
            yield _failed(value, path, "pattern", must)

    return check


def _bounds(
    shape: Any, what: Literal["length", "value"]
) -> Callable[[object, float, str], Iterator[Violation]]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: object, measure: float, path: str) -> Iterator[Violation]:
        if low is not None and measure < low:
            must = f"have {what} greater than or equal to {low}"
            yield _failed(value, path, what, must)
        if high is not None and measure > high:
            must = f"have {what} less than or equal to {high}"
            yield _failed(value, path, what, must)

    return check


def java_pattern(pattern: str) -> regex.Pattern[str] | None:
    """Compile a Java pattern; None for the four of the model that Java alone takes."""
    printable = pattern.replace(r"[\p{Print}]", r"[\x20-\x7e]")
    translated = printable.replace(r"\z", r"\Z")
    try:
        return regex.compile(translated)
    except regex.error:
        return None
