"""The publish command: answers checked against what was asked, and named row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from slipway.container.contract import Job
from slipway.container.files import read_json
from slipway.container.manifest import read_manifest, verify_files, write_manifest
from slipway.container.parquet import write_table
from slipway.container.scoring.requests import (
    answers_of,
    json_lines,
    parts_of,
    read_keys,
    read_lines,
)
from slipway.errors import IntegrityError, InvalidRequestError

#: What an answer holds beside the predictions.
_BESIDE = frozenset({"inputs", "model", "transaction_id"})


@dataclass(frozen=True)
class Wanted:
    """Whose answers are published, and for which run."""

    run_id: str
    #: The version and the artifact that must have answered.
    version: str
    artifact_digest: str


def run(job: Job) -> str:
    """Publish, and return a sentence about the predictions."""
    wanted = _wanted(job)
    requests, answers = job.paths.requests_input, job.paths.answers_input
    manifest = read_manifest(requests, what="What was asked")
    verify_files(requests, manifest["files"])
    folder = job.paths.predictions_output
    files = {}
    rows = 0
    for part in parts_of(manifest["files"]):
        found = _answers(requests, answers, part, wanted)
        table = _published(read_keys(requests, part), list(found), wanted, first=rows)
        files[f"{part}.parquet"] = write_table(folder / f"{part}.parquet", table)
        rows += table.num_rows
    facts = {
        "model": manifest["model"],
        "key": manifest["key"],
        "rows": rows,
        "run_id": wanted.run_id,
        "version": wanted.version,
        "artifact_digest": wanted.artifact_digest,
    }
    write_manifest(folder, facts, files)
    return f"{rows} predictions of version {wanted.version}"


def _wanted(job: Job) -> Wanted:
    asked = read_json(job.paths.parameters, what="parameters.json")
    try:
        return Wanted(asked["run_id"], asked["version"], asked["artifact_digest"])
    except KeyError as error:
        message = f"parameters.json needs {error.args[0]!r}; it has {sorted(asked)}"
        raise InvalidRequestError(message) from error


def _answers(
    requests: Path, answers: Path, part: str, wanted: Wanted
) -> Iterator[dict[str, Any]]:
    """Yield a part's predictions; raise IntegrityError where one is not the row's own."""
    path = answers_of(answers, part)
    if not path.is_file():
        message = (
            f"The transform job wrote no {path.name}: its rows have no predictions"
        )
        raise IntegrityError(message)
    asked = read_lines(requests, part)
    row = -1
    for row, (given, answer) in enumerate(_paired(asked, json_lines(path), path.name)):
        if answer.get("inputs") != given:
            message = f"{path.name}: row {row} answers something else than was asked"
            raise IntegrityError(message)
        _check_model(answer.get("model", {}), wanted, f"{path.name}: row {row}")
        yield {name: value for name, value in answer.items() if name not in _BESIDE}


def _paired(
    asked: Iterator[dict[str, Any]], answered: Iterator[dict[str, Any]], name: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    try:
        yield from zip(asked, answered, strict=True)
    except ValueError as error:
        message = f"{name} has not as many rows as were asked for: {error}"
        raise IntegrityError(message) from error


def _check_model(model: dict[str, Any], wanted: Wanted, where: str) -> None:
    found = (model.get("version"), model.get("artifact_digest"))
    if found != (wanted.version, wanted.artifact_digest):
        message = (
            f"{where} was answered by version {found[0]} ({found[1]}), not by version"
            f" {wanted.version} ({wanted.artifact_digest})"
        )
        raise IntegrityError(message)


def _published(
    keys: pa.Table, predictions: list[dict[str, Any]], wanted: Wanted, *, first: int
) -> pa.Table:
    """Return keys, predictions, and what traces each row: its transaction id."""
    table = pa.Table.from_pylist(predictions)
    for name in table.column_names:
        keys = keys.append_column(name, table.column(name))
    ids = [f"{wanted.run_id}:{first + row}" for row in range(len(predictions))]
    count = len(predictions)
    return (
        keys.append_column("transaction_id", pa.array(ids, pa.string()))
        .append_column("model_version", pa.array([wanted.version] * count, pa.string()))
        .append_column(
            "artifact_digest", pa.array([wanted.artifact_digest] * count, pa.string())
        )
    )
