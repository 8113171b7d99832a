"""The model's preprocess function, run on the extract as a processing job."""

from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import Processing, run_processing_job
from slipway.digests import digest_of
from slipway.s3.uri import S3Uri

NAME = "preprocess"
_PRODUCES = "features"


def _reads(task: Task) -> object:
    spec = task.context.spec
    return {
        "data": task.done["extract"]["data_digest"],
        "code": task.request.sources.code["preprocess.py"],
        "spec": spec.model_dump(mode="json", include={"key", "target", "split"}),
        "runtime": task.request.image.runtime_digest,
    }


def work(task: Task) -> Processing:
    """Return what the step's job does."""
    return Processing(
        command=NAME,
        produces=_PRODUCES,
        inputs={"extract": S3Uri.parse(task.done["extract"]["uri"])},
    )


def _perform(task: Task) -> Outputs:
    output = run_processing_job(task, NAME, work(task))
    manifest = task.context.objects.read_json(output / "manifest.json")
    return {
        "uri": str(output),
        "rows": manifest["rows"],
        "features_digest": digest_of(manifest["files"]),
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["uri"]) / "manifest.json")


def _note(outputs: Outputs) -> str:
    rows = outputs["rows"]
    return f"{rows['train']:,} train, {rows['validation']:,} validation, {rows['test']:,} test"


PREPROCESS = Definition(NAME, _reads, _perform, _stands, _note)
