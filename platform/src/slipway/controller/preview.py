"""The payloads of a model's pipelines, as the next run would send them."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from slipway.controller.context import Context, Image, Request
from slipway.controller.frozen import read_sources
from slipway.controller.hosting import (
    config_name_of,
    config_payload,
    model_payload,
)
from slipway.controller.orm import ModelVersion
from slipway.controller.serving import endpoint_name
from slipway.controller.steps import extract, prepare, preprocess, transform
from slipway.controller.steps.definition import Task
from slipway.controller.steps.jobs import Processing, job_name, processing_payload
from slipway.controller.steps.train import training_payload
from slipway.digests import PREFIX
from slipway.errors import InvalidRequestError, PayloadError, suggestion
from slipway.names import resource_name
from slipway.payloads.hosting import endpoint
from slipway.payloads.layers import Resolved, Source, resolve, value_at
from slipway.sagemaker.shapes import violations

#: What stands in a preview for what only a run knows, and how it is shown.
_RUN_ID, _DIGEST, _TAG = "00000000-0000000000", PREFIX + "0" * 64, "0" * 16
_SHOWN = {
    _RUN_ID: "<run>",
    _DIGEST: "<digest>",
    _TAG: "<image>",
    resource_name("", digest=_DIGEST): "-<digest>",
}


@dataclass(frozen=True)
class Preview:
    """One payload of a pipeline."""

    step: str
    #: The SageMaker operation.
    operation: str
    resolved: Resolved

    def fields(self) -> Iterator[tuple[str, Any, Source]]:
        """Yield each field, its value and who set it; `<run>` is not known before a run."""
        provenance = self.resolved.provenance
        for path in sorted(provenance):
            value = value_at(self.resolved.payload, path)
            yield path, shown(value), provenance[path]


def previews(context: Context, step: str = "") -> list[Preview]:
    """Return each payload of the model's pipelines, or of `step`."""
    hosted = context.spec.mode == "endpoint"
    steps = [each for each in _STEPS if hosted or each[0] != "deploy"]
    known = dict(steps)
    if step and step not in known:
        message = f"No step {step!r} sends a payload.{suggestion(step, known)}"
        raise InvalidRequestError(message)
    return [
        Preview(name, operation, resolved)
        for name, made in steps
        if step in {"", name}
        for operation, resolved in made(context)
    ]


def check_payloads(context: Context) -> None:
    """Raise PayloadError for the first payload that SageMaker's own model refuses."""
    for preview in previews(context):
        payload = preview.resolved.payload
        for violation in violations("sagemaker", preview.operation, payload):
            message = (
                f"SageMaker would refuse {preview.operation} of {preview.step}:"
                f" {violation.message}"
            )
            raise PayloadError(message)


def _task(context: Context) -> Task:
    """Return a task of a run that is none."""
    environment, uri = context.settings.environment, context.layout.run(_RUN_ID)
    repository = f"{environment.registry}/slipway/{context.spec.name.replace('_', '-')}"
    return Task(
        context,
        Request(
            run_date=dt.date.min,
            parameters={},
            image=Image(f"{repository}:{_TAG}", _DIGEST),
            sources=read_sources(context),
            code_commit="",
        ),
        _RUN_ID,
        {
            "extract": {"uri": str(uri / "extract")},
            "preprocess": {"uri": str(uri / "features")},
        },
        digest=_DIGEST,
    )


Made = Iterator[tuple[str, Resolved]]


def _processing(work: Callable[[Task], Processing]) -> Callable[[Context], Made]:
    def made(context: Context) -> Made:
        task = _task(context)
        processing = work(task)
        name = job_name(task, processing.command)
        payload = processing_payload(task, processing.command, processing, name, 1)
        yield "CreateProcessingJob", payload

    return made


def _training(context: Context) -> Made:
    task = _task(context)
    name = job_name(task, "train")
    yield "CreateTrainingJob", training_payload(task, name, 1)


def _hosting(context: Context) -> Made:
    version = _newest(context) or new_version(context)
    config = config_payload(context, version)
    yield "CreateModel", model_payload(context, version)
    yield "CreateEndpointConfig", config
    facts = endpoint(
        endpoint_name(context),
        endpoint_config_name=config.payload["EndpointConfigName"],
        tags=config.payload["Tags"],
    )
    yield "CreateEndpoint", resolve("CreateEndpoint", context.layers("deploy"), facts)


def _scoring(context: Context) -> Made:
    version = _newest(context) or new_version(context)
    requests = context.layout.output(_RUN_ID, prepare.PRODUCES, 1)
    task = replace(_task(context), done={"preprocess": {"uri": str(requests)}})
    model, name = config_name_of(context, version), job_name(task, transform.NAME)
    yield "CreateTransformJob", transform.transform_payload(task, model, name, 1)


def _newest(context: Context) -> ModelVersion | None:
    versions = context.store.records.versions(
        context.spec.name, context.settings.environment.name
    )
    return versions[0] if versions else None


def new_version(context: Context, image: Image | None = None) -> ModelVersion:
    """Return the version that a new training would make, as far as it is known."""
    newest = _newest(context)
    number = newest.version + 1 if newest is not None else 1
    return ModelVersion(
        environment=context.settings.environment.name,
        model=context.spec.name,
        version=number,
        artifact_digest=_DIGEST,
        artifact_uri=str(context.layout.version(number) / "model.tar.gz"),
        image_uri=(image or _task(context).request.image).uri,
    )


#: Each step that sends a payload, and what makes its payloads.
_STEPS: tuple[tuple[str, Callable[[Context], Made]], ...] = (
    ("extract", _processing(extract.work)),
    ("preprocess", _processing(preprocess.work)),
    ("train", _training),
    ("deploy", _hosting),
    ("transform", _scoring),
)


def shown(value: Any) -> Any:
    """Return a value with what only a run knows told as such."""
    if isinstance(value, str):
        for sample, word in _SHOWN.items():
            value = value.replace(sample, word)
        return value
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return value
