"""How much of AWS's model of an operation a table of supported members takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from slipway.sagemaker_local.supported.table import NEEDED


@dataclass(frozen=True)
class Extent:
    """What is taken and what is refused of one member of a request, and inside it."""

    #: The member's name; one of the request itself.
    member: str
    #: Paths below it, or itself, each with the only values taken where they are few.
    taken: tuple[str, ...]
    #: Paths below it, or itself, each with the values refused where AWS lists them.
    refused: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it is taken as AWS takes it."""
        return self.taken == (self.member,) and not self.refused


def extents(shape: Shape | None, support: Mapping[str, Any]) -> list[Extent]:
    """Return the extent of each member that AWS's model of a request has."""
    if not isinstance(shape, StructureShape):
        return []
    known = _plain(support)
    return [
        Extent(
            name,
            tuple(_taken(name, inner, known[name])) if name in known else (),
            tuple(_refused(name, inner, known[name])) if name in known else (name,),
        )
        for name, inner in shape.members.items()
    ]


def _plain(support: Mapping[str, Any]) -> dict[str, Any]:
    return {name.rstrip(NEEDED): inner for name, inner in support.items()}


def _taken(path: str, shape: Shape, support: Any) -> Iterator[str]:
    if isinstance(support, tuple):
        values = " or ".join(_spelled(value) for value in support) or "empty"
        yield f"{path} = {values}"
    elif isinstance(support, Mapping):
        members = _members(shape)
        for name, inner in _plain(support).items():
            yield from _taken(f"{path}.{name}", members[name], inner)
    else:
        yield path


def _refused(path: str, shape: Shape, support: Any) -> Iterator[str]:
    if isinstance(support, tuple):
        others = [value for value in getattr(shape, "enum", ()) if value not in support]
        if others:
            yield f"{path} = {' or '.join(others)}"
    elif isinstance(support, Mapping):
        known = _plain(support)
        for name, inner in _members(shape).items():
            if name in known:
                yield from _refused(f"{path}.{name}", inner, known[name])
            else:
                yield f"{path}.{name}"


def _members(shape: Shape) -> Mapping[str, Shape]:
    while isinstance(shape, ListShape):
        shape = shape.member
    return shape.members if isinstance(shape, StructureShape) else {}


def _spelled(value: object) -> str:
    return "none" if value == "" else str(value)
