"""The model class, trained as a training job; its artifact, checked."""

from collections.abc import Mapping
from typing import Any

from slipway.controller.artifacts import read_artifact
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import run_job
from slipway.payloads.jobs import training_job
from slipway.payloads.layers import Resolved
from slipway.s3.uri import S3Uri

NAME = "train"
_CHANNELS = ("train", "validation", "test", "profile")
#: What of model.yaml a training reads.
_SPEC = {"key", "target", "hyperparameters"}


def _reads(task: Task) -> object:
    return {
        "features": task.done["preprocess"]["features_digest"],
        "code": task.request.sources.code["model.py"],
        "spec": task.context.spec.model_dump(mode="json", include=_SPEC),
        "metrics": sorted(task.context.spec.gates),
        "runtime": task.request.image.runtime_digest,
    }


def training_payload(task: Task, name: str, generation: int) -> Resolved:
    """Return the payload of the step's job, as its `generation` is called."""
    context = task.context
    features = S3Uri.parse(task.done["preprocess"]["uri"])
    return training_job(
        context.job(name, task.request.image.uri, task.digest),
        context.layers(NAME),
        channels={channel: (features / channel).folder for channel in _CHANNELS},
        output=context.layout.output(task.run_id, NAME, generation),
    )


def _perform(task: Task) -> Outputs:
    context = task.context

    def payload(name: str, generation: int) -> Mapping[str, Any]:
        return training_payload(task, name, generation).payload

    operation = run_job(task, NAME, "training_job", payload)
    seen = context.gateway.describe("training_job", operation.name)
    description = seen.description if seen else {}
    archive = S3Uri.parse(description["ModelArtifacts"]["S3ModelArtifacts"])
    artifact = read_artifact(context.objects, archive)
    return {
        "artifact_uri": str(archive),
        "archive_sha256": artifact.archive_sha256,
        "artifact_digest": artifact.digest,
        "metrics": artifact.metrics,
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["artifact_uri"]))


def _note(outputs: Outputs) -> str:
    return f"artifact {outputs['artifact_digest'][:19]}…"


TRAIN = Definition(NAME, _reads, _perform, _stands, _note)
