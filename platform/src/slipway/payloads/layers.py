"""Payload fragments laid over each other, each value remembering who set it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Fragment = Mapping[str, Any]
#: An operation, and the members that lead to a value of its payload.
Place = tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Who set a value."""

    #: A file as people name it, an override, or the run.
    name: str
    #: The line of the file, from 1; 0: it is no line that sets the value.
    line: int = 0
    #: Who, why and until when, where it was set by hand.
    note: str = ""

    def __str__(self) -> str:
        where = f"{self.name}:{self.line}" if self.line else self.name
        return f"{where} ({self.note})" if self.note else where

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"name": self.name, "line": self.line or None, "note": self.note}


#: What a run itself decides: names, addresses, what its steps read.
RUN = Source("run")


@dataclass(frozen=True)
class Layer:
    """Values that one source sets, by SageMaker operation."""

    values: Mapping[str, Fragment]
    #: Says who set the value at a place; asked for when somebody wants to know.
    source: Callable[[Place], Source]


@dataclass(frozen=True)
class Resolved:
    """A payload, and the source of each of its values."""

    payload: dict[str, Any]
    #: `ResourceConfig.InstanceType` → the layer that set it, and where in that layer.
    set_by: Mapping[str, tuple[Layer, Place]]

    @cached_property
    def provenance(self) -> dict[str, Source]:
        """`ResourceConfig.InstanceType` → the source that set it."""
        return {
            path: layer.source(place) for path, (layer, place) in self.set_by.items()
        }


def resolve(operation: str, layers: Iterable[Layer], facts: Fragment) -> Resolved:
    """Return `facts` over the layers' values for `operation`, the last layer on top."""
    payload: dict[str, Any] = {}
    set_by: dict[str, tuple[Layer, Place]] = {}
    for layer in (*layers, Layer({operation: facts}, lambda _place: RUN)):
        fragment = layer.values.get(operation, {})
        _lay(payload, fragment, layer, set_by, (operation,))
    return Resolved(payload, set_by)


def value_at(payload: Any, path: str) -> Any:
    """Return the value at `ProductionVariants[0].InstanceType`; None: there is none."""
    for part in path.split("."):
        name, *indexes = part.replace("]", "").split("[")
        payload = payload.get(name) if isinstance(payload, Mapping) else None
        for index in indexes:
            listed = isinstance(payload, list) and int(index) < len(payload)
            payload = payload[int(index)] if listed else None
    return payload


def _lay(
    below: dict[str, Any],
    above: Fragment,
    layer: Layer,
    set_by: dict[str, tuple[Layer, Place]],
    place: Place,
) -> None:
    for key, value in above.items():
        inner = (*place, key)
        path = ".".join(inner[1:])
        if isinstance(value, Mapping) and isinstance(below.get(key, {}), dict):
            _lay(below.setdefault(key, {}), value, layer, set_by, inner)
            if value:
                continue
        else:
            below[key] = value
            for covered in [known for known in set_by if known.startswith(f"{path}.")]:
                del set_by[covered]
        set_by[path] = (layer, inner)
