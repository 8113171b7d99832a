"""The answers, checked row by row and published with their transaction ids."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import Processing, run_processing_job
from slipway.controller.steps.scored import scored_version
from slipway.s3.uri import S3Uri

NAME = "publish"
_PRODUCES = "predictions"


def _reads(task: Task) -> object:
    return {
        "requests": task.done["preprocess"]["requests_digest"],
        "answers": task.done["transform"]["uri"],
        "version": task.request.version,
    }


def _perform(task: Task) -> Outputs:
    context, version = task.context, scored_version(task)
    processing = Processing(
        command=NAME,
        produces=_PRODUCES,
        inputs={
            "requests": S3Uri.parse(task.done["preprocess"]["uri"]),
            "answers": S3Uri.parse(task.done["transform"]["uri"]),
        },
        image_uri=version.image_uri,
        facts={
            "run_id": task.run_id,
            "version": str(version.version),
            "artifact_digest": version.artifact_digest,
        },
        output=lambda generation: context.layout.batch(task.run_id, generation),
    )
    output = run_processing_job(task, NAME, processing)
    manifest = context.objects.read_json(output / "manifest.json")
    return {"uri": str(output), "rows": manifest["rows"], "version": version.version}


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["uri"]) / "manifest.json")


def _note(outputs: Outputs) -> str:
    return f"{outputs['rows']:,} predictions of version {outputs['version']}"


PUBLISH = Definition(NAME, _reads, _perform, _stands, _note)
