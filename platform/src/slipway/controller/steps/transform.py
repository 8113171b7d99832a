"""The requests, answered by a version in a batch transform job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.controller.claims import telling
from slipway.controller.context import Context
from slipway.controller.exclusive import moving
from slipway.controller.hosting import (
    create_sagemaker_model,
    hosting_key,
    serving_digest,
)
from slipway.controller.orm import ModelVersion
from slipway.controller.rollout.images import check_content
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.jobs import run_job
from slipway.controller.steps.scored import scored_version
from slipway.payloads.layers import Resolved
from slipway.payloads.transform import transform_job
from slipway.s3.uri import S3Uri

NAME = "transform"
_PRODUCES = "answers"


def _reads(task: Task) -> object:
    version = scored_version(task)
    return {
        "requests": task.done["preprocess"]["requests_digest"],
        "version": version.version,
        "artifact": version.artifact_digest,
        "image": version.image_uri,
    }


def transform_payload(
    task: Task, sagemaker_model_name: str, name: str, generation: int
) -> Resolved:
    """Return the payload of the step's transform job, as its `generation` is called."""
    context = task.context
    source = S3Uri.parse(task.done["preprocess"]["uri"]) / "lines"
    return transform_job(
        name,
        context.owner(task.digest),
        context.layers(NAME),
        sagemaker_model_name=sagemaker_model_name,
        source=source.folder,
        output=context.layout.output(task.run_id, _PRODUCES, generation),
    )


def _perform(task: Task) -> Outputs:
    context, version = task.context, scored_version(task)
    check_content(context, version)
    sagemaker_model_name = _made(context, task.run_id, version)

    def payload(name: str, generation: int) -> Mapping[str, Any]:
        return transform_payload(task, sagemaker_model_name, name, generation).payload

    operation = run_job(task, NAME, "transform_job", payload)
    return {
        "uri": operation.payload["TransformOutput"]["S3OutputPath"],
        "transform_job_name": operation.name,
        "version": version.version,
    }


def _made(context: Context, run_id: str, version: ModelVersion) -> str:
    """Return the name of the version's SageMaker model, made by one run at a time."""
    key = hosting_key(context, "sagemaker_model", serving_digest(context, version))
    waiting = telling(context, f"another run makes the model of {version.model}")
    with moving(context.mover(key), waiting) as held:
        alone = replace(context, store=held.store)
        return create_sagemaker_model(alone, run_id, version)


def _stands(task: Task, outputs: Outputs) -> bool:
    return any(task.context.objects.list(S3Uri.parse(outputs["uri"])))


def _note(outputs: Outputs) -> str:
    return f"answered by version {outputs['version']}"


TRANSFORM = Definition(NAME, _reads, _perform, _stands, _note)
