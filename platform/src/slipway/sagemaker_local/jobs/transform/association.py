"""Answers associated with their records: filtered, joined, filtered again."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slipway.sagemaker_local.jobs.transform.batches import Sent
from slipway.sagemaker_local.jobs.transform.faults import ObjectFaultError
from slipway.sagemaker_local.jobs.transform.json_paths import (
    JsonPath,
    JsonPathError,
    parsed,
)
from slipway.sagemaker_local.jobs.transform.records import Unit

Form = Literal["csv", "lines", "document"]
#: By media type, without its parameters.
FORMS: Mapping[str, Form] = {
    "text/csv": "csv",
    "application/json": "document",
    "application/jsonlines": "lines",
}
_ROOT = JsonPath(())


@dataclass(frozen=True)
class Association:
    """What a job does to records and answers."""

    form: Form = "document"
    input_filter: JsonPath = _ROOT
    output_filter: JsonPath = _ROOT
    joins: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether records and answers stay as they are."""
        filtered = not (self.input_filter.is_root and self.output_filter.is_root)
        return not (self.joins or filtered)

    def sent(self, unit: Unit) -> Sent:
        """Return a record with the part of it that is sent."""
        if self.input_filter.is_root:
            return Sent(unit, unit)
        rows = [
            self._written(self._chosen(self.input_filter, self._read(row)))
            for row in self._rows(unit.content)
        ]
        content = "\n".join(rows).encode()
        return Sent(unit, Unit(content, content + b"\n"))

    def stored(self, records: Sequence[Sent], answer: bytes) -> bytes:
        """Return what is stored of the answer to some records."""
        if not self.joins and self.output_filter.is_root:
            return answer
        given = [row for each in records for row in self._rows(each.original.content)]
        alone = self.form == "document" and len(records) == 1
        made = [_text(answer)] if alone else _lines(answer)
        if not self.joins:
            rows = [self._filtered(row) for row in made]
        elif len(given) == len(made):
            rows = [self._joined(*pair) for pair in zip(given, made, strict=True)]
        else:
            message = (
                f"ClientError: cannot join {len(given)} input records with "
                f"{len(made)} records of the container's answer"
            )
            raise ObjectFaultError(message)
        return "".join(f"{row}\n" for row in rows).encode()

    def _rows(self, content: bytes) -> list[str]:
        return [_text(content)] if self.form == "document" else _lines(content)

    def _filtered(self, row: str) -> str:
        return self._written(self._chosen(self.output_filter, self._read(row)))

    def _joined(self, given: str, made: str) -> str:
        if self.form == "csv":
            # As they are: reading and writing may change how a field is quoted.
            joined = f"{given},{made}"
            return joined if self.output_filter.is_root else self._filtered(joined)
        value, output = self._read(given), self._read(made)
        before = value if isinstance(value, dict) else {"SageMakerInput": value}
        whole = {**before, "SageMakerOutput": output}
        return self._written(self._chosen(self.output_filter, whole))

    def _chosen(self, path: JsonPath, value: Any) -> Any:
        try:
            return path.of(value)
        except JsonPathError as error:
            message = f"ClientError: the filter does not fit a record: {error}"
            raise ObjectFaultError(message) from error

    def _read(self, row: str) -> Any:
        try:
            if self.form == "csv":
                return next(csv.reader([row], strict=True), [])
            return json.loads(row)
        except (csv.Error, ValueError, RecursionError) as error:
            message = f"ClientError: a record is not {self._name}: {error}"
            raise ObjectFaultError(message) from error

    def _written(self, value: Any) -> str:
        if self.form != "csv":
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        row = io.StringIO()
        fields = value if isinstance(value, list) else [value]
        csv.writer(row, lineterminator="").writerow(fields)
        return row.getvalue()

    @property
    def _name(self) -> str:
        return "CSV" if self.form == "csv" else "JSON"


def association(request: Mapping[str, Any]) -> Association:
    """Return what a checked request asks for."""
    asked = request.get("DataProcessing", {})
    content_type = request["TransformInput"].get("ContentType", "")
    accept = request["TransformOutput"].get("Accept", content_type)
    return Association(
        form=form_of(content_type) or form_of(accept) or "document",
        input_filter=parsed(asked.get("InputFilter", "$")),
        output_filter=parsed(asked.get("OutputFilter", "$")),
        joins=asked.get("JoinSource") == "Input",
    )


def form_of(media_type: str) -> Form | None:
    """Return the form of a media type; None where it has neither rows nor JSON."""
    return FORMS.get(media_type.partition(";")[0].strip().lower())


def _lines(content: bytes) -> list[str]:
    rows = _text(content).removesuffix("\n")
    return [row.removesuffix("\r") for row in rows.split("\n")] if rows else []


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        message = f"ClientError: a record is not UTF-8: {error}"
        raise ObjectFaultError(message) from error
