"""The columns that a model predicts from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from slipway.container.column_types import type_word


@dataclass(frozen=True)
class Feature:
    """A column that the model predicts from."""

    #: Its name.
    name: str
    #: integer, number, string, boolean, date or timestamp.
    type: str
    #: Whether a value was missing in the training rows.
    nullable: bool

    def document(self) -> dict[str, Any]:
        """Return the feature as a manifest holds it."""
        return {"name": self.name, "type": self.type, "nullable": self.nullable}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Feature":
        """Return the feature that a manifest holds."""
        return cls(document["name"], document["type"], document["nullable"])


def features_of(training: pa.Table, but: Collection[str]) -> tuple[Feature, ...]:
    """Return the features of the training rows: each stored column not in `but`."""
    return tuple(
        Feature(
            field.name,
            type_word(field.type) or str(field.type),
            training.column(field.name).null_count > 0,
        )
        for field in training.schema
        if field.name not in but
    )
