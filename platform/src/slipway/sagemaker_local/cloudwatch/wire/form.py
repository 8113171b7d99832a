"""A request of AWS's query protocol: a form, read by the shape of its operation."""

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from slipway.sagemaker_local.faults import AwsError

_BOOLEANS = {"true": True, "false": False}
#: Of a list; CloudWatch takes no longer one.
_MOST_ITEMS = 1000


def members_of(form: Mapping[str, str], shape: Shape | None) -> dict[str, Any]:
    """Return the members that a form holds; one that is none is refused."""
    given = {
        name: text for name, text in form.items() if name not in ("Action", "Version")
    }
    if not isinstance(shape, StructureShape):
        return dict(given)
    members = _structure(given, shape)
    return {} if members is None else members


def _structure(form: Mapping[str, str], shape: StructureShape) -> dict[str, Any] | None:
    if not form:
        return None
    by_member: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        head, _, rest = name.partition(".")
        by_member.setdefault(head, {})[rest] = text
    members: dict[str, Any] = {}
    for name, inner in by_member.items():
        known = shape.members.get(name)
        # An unknown one goes on by its name, to be refused by it.
        members[name] = "" if known is None else _value(inner, known, name)
    return members


def _value(form: Mapping[str, str], shape: Shape, path: str) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(form, shape)
    if isinstance(shape, ListShape):
        return _list(form, shape, path)
    if set(form) != {""}:
        message = f"'{path}' has no members"
        raise _malformed(message)
    return _scalar(form[""], shape, path)


def _list(form: Mapping[str, str], shape: ListShape, path: str) -> list[Any]:
    if form == {"": ""}:
        return []
    items: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        word, _, rest = name.partition(".")
        number, _, inner = rest.partition(".")
        if word != "member" or not number.isascii() or not number.isdigit():
            message = f"'{path}' is a list: its items are '{path}.member.1' …"
            raise _malformed(message)
        items.setdefault(int(number[:9]), {})[inner] = text
    if len(items) > _MOST_ITEMS:
        message = f"'{path}' has more than {_MOST_ITEMS} items"
        raise _malformed(message)
    return [_value(items[number], shape.member, path) for number in sorted(items)]


def _scalar(text: str, shape: Shape, path: str) -> Any:
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "double" | "float":
                return float(text)
            case "boolean":
                return _BOOLEANS[text.lower()]
            case _:
                return text
    except (ValueError, KeyError) as error:
        message = (
            f"'{text[:200]}' at '{path}' can not be converted to {shape.type_name}"
        )
        raise _malformed(message) from error


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedInput", message)
