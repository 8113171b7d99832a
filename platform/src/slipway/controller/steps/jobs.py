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
    environment = context.settings.environment.name

    def name(generation: int) -> str:
        parts = (environment, context.spec.name, step)
        return resource_name(*parts, digest=task.digest, generation=generation)

    intent = Intent(
        key=task.key(step),
        run_id=task.run_id,
        resource=resource,
        call=RESOURCES[resource].create,
        digest=task.digest,
        name=name,
        payload=payload,
        owner=context.owner(task.digest).values,
    )
    operation = context.ledger(step).perform(intent, again=task.again)
    if operation.state != "succeeded":
        raise StepFailedError(_failure(task, step, operation))
    return operation


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


def run_processing_job(task: Task, step: str, processing: Processing) -> S3Uri:
    """Run a command as the step's processing job; return the prefix of what it wrote."""
    context, produces = task.context, processing.produces
    parameters = _write_parameters(task, step, processing.facts)
    given = {"parameters": parameters, **processing.inputs}
    image_uri = processing.image_uri or task.request.image.uri

    def output(generation: int) -> S3Uri:
        if processing.output is not None:
            return processing.output(generation)
        return context.layout.output(task.run_id, produces, generation)

    def payload(name: str, generation: int) -> Mapping[str, Any]:
        return processing_job(
            context.job(name, image_uri, task.digest),
            context.layers(step),
            command=processing.command,
            inputs=given,
            produces=produces,
            output=output(generation),
            isolated=processing.isolated,
        ).payload

    operation = run_job(task, step, "processing_job", payload)
    outputs = operation.payload["ProcessingOutputConfig"]["Outputs"]
    return S3Uri.parse(outputs[0]["S3Output"]["S3Uri"])


def _write_parameters(task: Task, step: str, facts: Mapping[str, Any]) -> S3Uri:
    """Store the step's frozen parameters; return the prefix that holds them."""
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
    return prefix


def _failure(task: Task, step: str, operation: Operation) -> str:
    noun = RESOURCES[operation.resource].noun
    reason = operation.reason or "SageMaker gave no reason"
    message = f"{step} {operation.state}: {noun} {operation.name}: {reason}"
    if group := RESOURCES[operation.resource].log_group:
        message += last_lines(task.context.gateway, group, operation.name)
    return f"{message}\nSee all of it: invoke logs --model {task.context.spec.name}"
