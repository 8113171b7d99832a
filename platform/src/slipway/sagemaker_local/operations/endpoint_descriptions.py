"""What Describe says of an endpoint: its variants as they are, and as they will be."""

from typing import Any

from slipway.sagemaker_local.capture.settings import shown
from slipway.sagemaker_local.endpoints.plan import FleetPlan, VariantPlan
from slipway.sagemaker_local.endpoints.steps import Activity, Progress, Step
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record

Answer = dict[str, Any]


def description(stack: Stack, record: Record) -> Answer:
    """Return the answer of DescribeEndpoint."""
    answer: Answer = {
        **record.description,
        "EndpointStatus": record.status,
        "CreationTime": record.created_at,
        "LastModifiedTime": record.modified_at,
    }
    execution = record.execution
    progress = execution.get("progress") and Progress.of_json(execution["progress"])
    if execution.get("fleet"):
        plan = FleetPlan.of_json(execution["fleet"])
        answer["ProductionVariants"] = [
            _serving(stack, record, plan, each, progress) for each in plan.variants
        ]
        if plan.capture is not None:
            answer["DataCaptureConfig"] = shown(plan.capture)
    if execution.get("pending") and progress:
        plan = FleetPlan.of_json(execution["pending"])
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": plan.config,
            "ProductionVariants": [
                _pending(stack, record, plan, each, progress) for each in plan.variants
            ],
            "StartTime": progress.began_at,
        }
    return answer


def _serving(
    stack: Stack,
    record: Record,
    plan: FleetPlan,
    variant: VariantPlan,
    progress: Progress | None,
) -> Answer:
    answer = _summary(stack, record, plan, variant)
    step = progress.step if progress else None
    if progress is None or step is None or step.fleet != "old":
        return answer
    if variant.name in {*step.counts, *step.weights}:
        answer["VariantStatus"] = [_status(step, variant.name, progress)]
    if step.activity is Activity.UPDATING:
        count = step.counts.get(variant.name, variant.instance_count)
        weight = step.weights.get(variant.name, variant.weight)
        answer |= {"DesiredInstanceCount": count, "DesiredWeight": weight}
    return answer


def _pending(
    stack: Stack,
    record: Record,
    plan: FleetPlan,
    variant: VariantPlan,
    progress: Progress,
) -> Answer:
    answer = _summary(stack, record, plan, variant)
    answer["InstanceType"] = variant.instance_type
    step = progress.step
    if step is not None and step.fleet == "new":
        answer["VariantStatus"] = [_status(step, variant.name, progress)]
    if record.execution.get("fleet"):
        opened = progress.open.get(variant.name, 0)
        answer["CurrentInstanceCount"] = min(answer["CurrentInstanceCount"], opened)
    return answer


def _status(step: Step, variant: str, progress: Progress) -> Answer:
    return {
        "Status": step.activity.value,
        "StatusMessage": step.message(variant, progress.held.get(step.fleet, {})),
        "StartTime": progress.since,
    }


def _summary(
    stack: Stack, record: Record, plan: FleetPlan, variant: VariantPlan
) -> Answer:
    repository = variant.image.rpartition(":")[0]
    # an older server's plan has none
    digest = variant.image_digest or stack.executor.digest(variant.image)
    image = {
        "SpecifiedImage": variant.image,
        "ResolvedImage": f"{repository}@{digest}" if digest else variant.image,
        "ResolutionTime": record.execution.get("began_at", record.created_at),
    }
    return {
        "VariantName": variant.name,
        "DeployedImages": [image],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": stack.endpoints.serving(plan).get(variant.name, 0),
        "DesiredInstanceCount": variant.instance_count,
    }
