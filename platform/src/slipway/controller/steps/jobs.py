"""A step that is one SageMaker job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.controller.failures import last_lines
from slipway.controller.intents import Intent
from slipway.controller.orm import Operation
from slipway.controller.steps.definition import Task
from slipway.errors import StepFailedError
from slipway.names import resource_name
from slipway.payloads.jobs import processing_job
from slipway.payloads.layers import Resolved
from slipway.s3.uri import S3Uri
from slipway.sagemaker.resources import RESOURCES


def run_job(
    task: Task,
    step: str,
    resource: str,
    payload: Callable[[str, int], Mapping[str, Any]],
) -> Operation:
    """Return the succeeded operation of the step's job; raise StepFailedError if it did not.

    `payload` is given the job's name and its generation.
    """
    context = task.context
    intent = Intent(
        key=task.key(step),
        run_id=task.run_id,
        resource=resource,
        call=RESOURCES[resource].create,
        digest=task.digest,
        name=lambda generation: job_name(task, step, generation),
        payload=payload,
        owner=context.owner(task.digest).values,
    )
    operation = context.ledger(step).perform(intent, again=task.again)
    if operation.state != "succeeded":
        raise StepFailedError(_failure(task, step, operation))
    return operation


def job_name(task: Task, step: str, generation: int = 1) -> str:
    """Return what the step's job is called in SageMaker."""
    context = task.context
    parts = (context.settings.environment.name, context.spec.name, step)
    return resource_name(*parts, digest=task.digest, generation=generation)


@dataclass(frozen=True)
class Processing:
    """A command of a model's image, as a processing job runs it."""

    #: What the image is asked to do.
    command: str
    #: The folder that it writes.
    produces: str
    #: The folders that it reads beside its parameters, and their prefixes.
    inputs: Mapping[str, S3Uri]
    isolated: bool = True
    image_uri: str = ""
    #: What its parameters hold beside those of every step.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Generation → the prefix of what it writes; None: in the run's folder.
    output: Callable[[int], S3Uri] | None = None


def processing_payload(
    task: Task, step: str, processing: Processing, name: str, generation: int
) -> Resolved:
    """Return the payload of a step's processing job, as its `generation` is called."""
    context, produces = task.context, processing.produces
    output = processing.output
    return processing_job(
        context.job(name, processing.image_uri or task.request.image.uri, task.digest),
        context.layers(step),
        command=processing.command,
        inputs={
            "parameters": context.layout.parameters(task.run_id, step),
            **processing.inputs,
        },
        produces=produces,
        output=output(generation)
        if output is not None
        else context.layout.output(task.run_id, produces, generation),
        isolated=processing.isolated,
    )


def run_processing_job(task: Task, step: str, processing: Processing) -> S3Uri:
    """Run a command as the step's processing job; return the prefix of what it wrote."""
    _write_parameters(task, step, processing.facts)

    def payload(name: str, generation: int) -> Mapping[str, Any]:
        return processing_payload(task, step, processing, name, generation).payload

    operation = run_job(task, step, "processing_job", payload)
    outputs = operation.payload["ProcessingOutputConfig"]["Outputs"]
    return S3Uri.parse(outputs[0]["S3Output"]["S3Uri"])


def _write_parameters(task: Task, step: str, facts: Mapping[str, Any]) -> None:
    """Store the step's frozen parameters."""
    prefix = task.context.layout.parameters(task.run_id, step)
    warehouse = task.context.settings.environment.warehouse
    source: dict[str, Any] = {"kind": warehouse.kind}
    if warehouse.kind == "postgresql":
        source["secret_id"] = warehouse.secret_id
        source["region"] = task.context.settings.environment.region
    value = {
        "parameters": dict(task.request.parameters),
        "run_date": task.request.run_date.isoformat(),
        "warehouse": source,
        **facts,
    }
    task.context.objects.write_json(prefix / "parameters.json", value)


def _failure(task: Task, step: str, operation: Operation) -> str:
    noun = RESOURCES[operation.resource].noun
    reason = operation.reason or "SageMaker gave no reason"
    message = f"{step} {operation.state}: {noun} {operation.name}: {reason}"
    if group := RESOURCES[operation.resource].log_group:
        message += last_lines(task.context.gateway, group, operation.name)
    return f"{message}\nSee all of it: invoke logs --model {task.context.spec.name}"
