"""Values that somebody sets by hand over what files say."""

from dataclasses import dataclass
from typing import Any, Self

from slipway.payloads.fields import put, spec_layer
from slipway.payloads.layers import Layer, Source


@dataclass(frozen=True)
class Override:
    """One value, and who set it."""

    #: A key of `model.yaml`, or an operation and the members that lead to a value.
    key: str
    value: Any
    source: Source

    @property
    def is_of_a_payload(self) -> bool:
        """Whether the key names a SageMaker operation: those begin with a capital."""
        return self.key[0].isupper()

    @property
    def place(self) -> tuple[str, ...]:
        """The parts of the key."""
        return tuple(self.key.split("."))

    def layer(self, step: str) -> Layer:
        """Return what it sets for `step`."""
        if not self.is_of_a_payload:
            return spec_layer({self.key: self.value}, step, lambda _key: self.source)
        fragments: dict[str, dict[str, Any]] = {}
        put(fragments, self.place, self.value)
        return Layer(fragments, lambda _place: self.source)

    def as_dict(self) -> dict[str, Any]:
        """Return it as a run keeps it."""
        return {
            "key": self.key,
            "value": self.value,
            "source": self.source.as_dict(),
        }

    @classmethod
    def of_dict(cls, kept: dict[str, Any]) -> Self:
        """Return what a run keeps."""
        source = kept["source"]
        return cls(
            kept["key"], kept["value"], Source(source["name"], 0, source["note"])
        )
