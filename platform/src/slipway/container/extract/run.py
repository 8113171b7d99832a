"""The extract command: a script's answer as Parquet, with a manifest and a report."""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from slipway.container.contract import Job
from slipway.container.extract.columns import check_columns, convert, type_name
from slipway.container.extract.query import Query
from slipway.container.extract.script import check_script
from slipway.container.extract.warehouse import (
    Warehouse,
    open_warehouse,
    read_ahead,
)
from slipway.container.files import FileRecord, read_json, write_json
from slipway.container.manifest import write_manifest
from slipway.container.parquet import PartWriter
from slipway.errors import InvalidRequestError
from slipway.quality.expectations import Expectations
from slipway.quality.report import FILE_NAME as REPORT
from slipway.quality.report import Report, sentences
from slipway.spec import ModelSpec, bind_parameters

#: The script's name in a model's folder.
SCRIPT = "extract.sql"
#: Rows in one batch of the stream: what is held in memory at once.
ROWS_PER_BATCH = 131_072
#: Rows in one Parquet file.
ROWS_PER_PART = 1_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What parameters.json asks for."""

    #: The script with its values.
    query: Query
    #: The date that the run is for.
    run_date: dt.date
    #: The kind of warehouse, and where it is.
    warehouse: Mapping[str, Any]


def run(job: Job) -> str:
    """Extract, and return a sentence about it; a failed expectation is in the report."""
    spec = job.model.spec()
    request = read_request(job, spec)
    warehouse = open_warehouse(request.warehouse, job.paths)
    report, files = _extract(job.paths.extract_output, spec, request, warehouse)
    for sentence in sentences(report):
        _log.warning("expectation_not_met %s", sentence)
    verdict = "every expectation met" if report.passed else "expectations not met"
    return f"{report.rows} rows in {len(files)} files: {verdict}"


def read_request(job: Job, spec: ModelSpec) -> Request:
    """Return what the job asks for, with the script checked and each parameter bound."""
    asked = read_json(job.paths.parameters, what="parameters.json")
    try:
        run_date = dt.date.fromisoformat(asked["run_date"])
        given, warehouse = asked["parameters"], asked["warehouse"]
    except (KeyError, TypeError, ValueError) as error:
        message = (
            "parameters.json needs 'parameters', 'warehouse' and 'run_date' as"
            f" YYYY-MM-DD; it has {sorted(asked)} ({error!r})"
        )
        raise InvalidRequestError(message) from error
    declared = spec.sql.parameters
    script = check_script((job.model.folder / SCRIPT).read_text("utf-8"), declared)
    values = bind_parameters(declared, given, run_date)
    return Request(Query(script, declared, values), run_date, warehouse)


def _extract(
    folder: Path, spec: ModelSpec, request: Request, warehouse: Warehouse
) -> tuple[Report, dict[str, FileRecord]]:
    with warehouse.stream(request.query, ROWS_PER_BATCH) as reader:
        schema = check_columns(reader.schema, spec.columns)
        expectations = Expectations(
            spec.columns, schema, key=spec.key, run_date=request.run_date
        )
        batches = _observed(reader, schema, expectations)
        parts = PartWriter(folder, schema, ROWS_PER_PART).write(batches)
    pa.default_memory_pool().release_unused()
    report = expectations.report([folder / name for name in parts])
    files = {**parts, REPORT: write_json(folder / REPORT, report.document())}
    write_manifest(folder, _facts(spec, request, schema, report), files)
    return report, parts


def _observed(
    reader: pa.RecordBatchReader, schema: pa.Schema, expectations: Expectations
) -> Iterator[pa.RecordBatch]:
    """Yield each batch in the written types, after it was checked."""
    for answered in read_ahead(reader):
        for start in range(0, answered.num_rows, ROWS_PER_BATCH):
            batch = convert(answered.slice(start, ROWS_PER_BATCH), schema)
            expectations.observe(batch)
            yield batch


def _facts(
    spec: ModelSpec, request: Request, schema: pa.Schema, report: Report
) -> dict[str, Any]:
    columns = [
        {"name": field.name, "type": type_name(field.type), "arrow": str(field.type)}
        for field in schema
    ]
    return {
        "model": spec.name,
        "schema": columns,
        "rows": report.rows,
        "sql_digest": request.query.script.digest,
        "parameters": dict(request.query.values),
        "run_date": request.run_date.isoformat(),
        "warehouse": request.warehouse["kind"],
    }
