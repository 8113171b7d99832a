"""Create, describe, update and delete endpoints."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.capture.settings import shown
from slipway.sagemaker_local.endpoints.plan import (
    FleetPlan,
    VariantPlan,
    fleet_plan,
    retaining,
)
from slipway.sagemaker_local.endpoints.registry import IN_PROGRESS
from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.model_operations import (
    CONFIG,
    MODEL,
    existing,
)
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]
NOUN = "endpoint"
_LISTING = Listing(
    "endpoint",
    "Endpoints",
    status="EndpointStatus",
    shows_modified=True,
    newest_first=True,
    after_is_included=True,
)


def create_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateEndpoint."""
    name, now = payload["EndpointName"], time.time()
    own = arn(region, "endpoint", name)
    if stack.store.get(own) is not None:
        raise faults.exists(NOUN, own)
    plan = _plan(stack, region, payload["EndpointConfigName"])
    record = Record(
        arn=own,
        kind="endpoint",
        region=region,
        name=name,
        status="Creating",
        created_at=now,
        modified_at=now,
        description={
            "EndpointName": name,
            "EndpointArn": own,
            "EndpointConfigName": plan.config,
        },
        execution={"pending": plan.json(), "began_at": now},
    )
    try:
        stack.store.create(record, given_tags(payload.get("Tags", [])))
    except RecordExistsError as error:
        raise faults.exists(NOUN, own) from error
    stack.endpoints.create(record)
    return {"EndpointArn": own}


def describe_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeEndpoint."""
    own = arn(region, "endpoint", payload["EndpointName"])
    record = stack.store.get(own)
    if record is None:
        raise faults.missing(NOUN, own)
    answer: Answer = {
        **record.description,
        "EndpointStatus": record.status,
        "CreationTime": record.created_at,
        "LastModifiedTime": record.modified_at,
    }
    if record.execution.get("fleet"):
        serving = FleetPlan.of_json(record.execution["fleet"])
        answer["ProductionVariants"] = _summaries(stack, serving, record)
        if serving.capture is not None:
            answer["DataCaptureConfig"] = shown(serving.capture)
    if record.execution.get("pending") and record.status in ("Creating", "Updating"):
        pending = FleetPlan.of_json(record.execution["pending"])
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending.config,
            "ProductionVariants": _summaries(stack, pending, record),
            "StartTime": record.execution["began_at"],
        }
    return answer


def list_endpoints(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListEndpoints."""
    return list_page(stack.store, region, _LISTING, payload)


def update_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """UpdateEndpoint: blue/green, all traffic at once."""
    own = arn(region, "endpoint", payload["EndpointName"])
    current = stack.store.get(own)
    if current is None:
        raise faults.missing(NOUN, own)
    _check_idle(current)
    if current.status == "Failed":
        raise faults.endpoint_failed(own)
    plan = _plan(stack, region, payload["EndpointConfigName"])
    if payload.get("RetainAllVariantProperties"):
        excluded = [
            each["VariantPropertyType"]
            for each in payload.get("ExcludeRetainedVariantProperties", [])
        ]
        serving = FleetPlan.of_json(current.execution["fleet"])
        plan = retaining(plan, serving, excluded)
    deployment = payload.get("DeploymentConfig", {}).get("BlueGreenUpdatePolicy", {})
    wait = deployment.get("TerminationWaitInSeconds", 0)

    def change(record: Record) -> Record:
        _check_idle(record)
        updating = record.with_execution(
            pending=plan.json(), began_at=time.time(), termination_wait=wait
        )
        return replace(updating, status="Updating").with_description(FailureReason=None)

    stack.endpoints.update(_changed(stack, own, change))
    return {"EndpointArn": own}


def delete_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteEndpoint."""
    own = arn(region, "endpoint", payload["EndpointName"])

    def change(record: Record) -> Record:
        _check_idle(record)
        return replace(record, status="Deleting")

    stack.endpoints.delete(_changed(stack, own, change))
    return {}


def _changed(stack: Stack, own: str, change: Any) -> Record:
    try:
        return stack.store.change(own, change)
    except RecordMissingError as error:
        raise faults.missing(NOUN, own) from error


def _check_idle(record: Record) -> None:
    if record.status in IN_PROGRESS:
        raise faults.endpoint_in_progress(record.arn)


def _plan(stack: Stack, region: str, config_name: str) -> FleetPlan:
    config = existing(stack, region, CONFIG, config_name)
    names = {each["ModelName"] for each in config.description["ProductionVariants"]}
    models = {name: existing(stack, region, MODEL, name) for name in names}
    return fleet_plan(config, models)


def _summaries(stack: Stack, plan: FleetPlan, record: Record) -> list[Answer]:
    return [_summary(stack, variant, record) for variant in plan.variants]


def _summary(stack: Stack, variant: VariantPlan, record: Record) -> Answer:
    repository = variant.image.rpartition(":")[0]
    digest = stack.executor.digest(variant.image)
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
        "CurrentInstanceCount": variant.instance_count,
        "DesiredInstanceCount": variant.instance_count,
    }
