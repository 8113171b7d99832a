"""Answers in the three formats, each with what it takes to trace it."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd

from slipway.container.serve.bodies import Row
from slipway.container.serve.media import CSV, JSON, LINES
from slipway.container.serve.scorer import Identity


@dataclass(frozen=True)
class Answer:
    """What one request is answered."""

    #: The rows of the request.
    inputs: Sequence[Row]
    #: predict()'s columns, row by row.
    predictions: Sequence[Mapping[str, Any]]
    #: The model that answered.
    identity: Identity
    #: The id of this inference.
    transaction_id: str

    def body(self, media: str) -> bytes:
        """Return the answer in one of the three formats."""
        return {JSON: self._json, LINES: self._lines, CSV: self._csv}[media]()

    def attributes(self) -> str:
        """Return the text of the Custom-Attributes header: all that traces the answer."""
        facts = {"transaction_id": self.transaction_id} | {
            f"model_{name}" if name in {"name", "version"} else name: value
            for name, value in self.identity.document().items()
        }
        return ";".join(f"{name}={value}" for name, value in facts.items())

    def _json(self) -> bytes:
        return dumps(
            {
                "predictions": self.predictions,
                "inputs": self.inputs,
                "model": self.identity.document(),
                "transaction_id": self.transaction_id,
            }
        )

    def _lines(self) -> bytes:
        shared = {
            "model": self.identity.document(),
            "transaction_id": self.transaction_id,
        }
        pairs = zip(self.predictions, self.inputs, strict=True)
        rows = ({**answer, "inputs": given, **shared} for answer, given in pairs)
        return b"".join(dumps(row) + b"\n" for row in rows)

    def _csv(self) -> bytes:
        text = io.StringIO(newline="")
        names = [*self.inputs[0], *self.predictions[0]]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        pairs = zip(self.inputs, self.predictions, strict=True)
        writer.writerows(_csv_row({**given, **answer}) for given, answer in pairs)
        return text.getvalue().encode()


def records(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as dicts of Python's own values."""
    names = list(predictions.columns)
    columns = [predictions[name].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def dumps(document: object) -> bytes:
    """Return `document` as strict JSON."""
    return orjson.dumps(document, default=str)


def _csv_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in row.items()
    }
