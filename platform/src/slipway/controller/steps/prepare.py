"""The rows to score, made into requests by the version's own preprocess function."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import Processing, run_processing_job
from slipway.controller.steps.scored import scored_version
from slipway.digests import digest_of
from slipway.s3.uri import S3Uri

#: The step's name in a scoring run: it does there what preprocess does in training.
NAME = "preprocess"
_COMMAND = "prepare"
#: The folder that it writes.
PRODUCES = "requests"


def _reads(task: Task) -> object:
    return {
        "scores": _COMMAND,
        "data": task.done["extract"]["data_digest"],
        "image": scored_version(task).image_uri,
    }


def _perform(task: Task) -> Outputs:
    processing = Processing(
        command=_COMMAND,
        produces=PRODUCES,
        inputs={"extract": S3Uri.parse(task.done["extract"]["uri"])},
        image_uri=scored_version(task).image_uri,
    )
    output = run_processing_job(task, NAME, processing)
    manifest = task.context.objects.read_json(output / "manifest.json")
    return {
        "uri": str(output),
        "rows": manifest["rows"],
        "requests_digest": digest_of(manifest["files"]),
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["uri"]) / "manifest.json")


def _note(outputs: Outputs) -> str:
    return f"{outputs['rows']:,} rows to score"


PREPARE = Definition(NAME, _reads, _perform, _stands, _note)
