"""The SQL script, run against the warehouse as a processing job."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import Processing, run_processing_job
from slipway.digests import digest_of
from slipway.errors import InvalidRequestError
from slipway.s3.layout import lake_table
from slipway.s3.uri import S3Uri

NAME = "extract"
_SCRIPT = "extract.sql"


def _reads(task: Task) -> object:
    context = task.context
    return {
        "sql": task.request.sources.script,
        "parameters": dict(task.request.parameters),
        "run_date": task.request.run_date.isoformat(),
        "columns": context.spec.model_dump(mode="json", include={"columns", "key"}),
        "runtime": task.request.image.runtime_digest,
        "warehouse": context.settings.environment.warehouse.model_dump(),
        "tables": {table: _content(task, uri) for table, uri in _tables(task).items()},
    }


def _tables(task: Task) -> dict[str, S3Uri]:
    """Return the lake's tables that the script names; none for another warehouse."""
    environment = task.context.settings.environment
    if environment.warehouse.kind != "lake":
        return {}
    prefix = environment.warehouse.prefix
    return {
        table: lake_table(environment.bucket, prefix, table)
        for table in task.request.sources.tables
    }


def _content(task: Task, table: S3Uri) -> list[list[str]]:
    """Return what identifies a lake table's content; raise if there is no such table."""
    files = [[item.uri.name, item.etag] for item in task.context.objects.list(table)]
    if not files:
        message = (
            f"{_SCRIPT} names the table {table.name!r}, and the warehouse has none at"
            f" {table}. Fill the local one: invoke warehouse.seed"
        )
        raise InvalidRequestError(message)
    return files


def work(task: Task) -> Processing:
    """Return what the step's job does."""
    return Processing(
        command=NAME,
        produces=NAME,
        inputs={f"warehouse/{name}": uri for name, uri in _tables(task).items()},
        isolated=task.context.settings.environment.warehouse.kind == "lake",
    )


def _perform(task: Task) -> Outputs:
    output = run_processing_job(task, NAME, work(task))
    manifest = task.context.objects.read_json(output / "manifest.json")
    return {
        "uri": str(output),
        "rows": manifest["rows"],
        "sql_digest": manifest["sql_digest"],
        "data_digest": digest_of([manifest["schema"], manifest["files"]]),
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["uri"]) / "manifest.json")


def _note(outputs: Outputs) -> str:
    return f"{outputs['rows']:,} rows"


EXTRACT = Definition(NAME, _reads, _perform, _stands, _note)
