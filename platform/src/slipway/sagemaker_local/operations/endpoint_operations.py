"""Create, describe, update and delete endpoints."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slipway.sagemaker_local import deployment_faults, faults
from slipway.sagemaker_local.autoscaling import alarms
from slipway.sagemaker_local.autoscaling.targets import check_kept, forget_endpoint
from slipway.sagemaker_local.endpoints.plan import FleetPlan, fleet_plan, retaining
from slipway.sagemaker_local.endpoints.registry import IN_PROGRESS
from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.endpoints.strategies import creation, update
from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.operations.deployment_configs import (
    check_config,
    check_fit,
    check_names,
)
from slipway.sagemaker_local.operations.endpoint_descriptions import description
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.model_operations import (
    CONFIG,
    MODEL,
    existing,
)
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.operations.variant_limits import check_quota
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]
NOUN = "endpoint"
_RETAIN, _EXCLUDED = "RetainAllVariantProperties", "ExcludeRetainedVariantProperties"
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
    check_quota(plan)
    config = payload.get("DeploymentConfig")
    if config is not None:
        check_config(config, stack.endpoints.alarms, region)
        check_fit(config, plan)
    progress = Progress(creation(plan.desired), began_at=now, since=now)
    described = {"LastDeploymentConfig": config} if config is not None else {}
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
            **described,
        },
        execution={
            "pending": plan.json(),
            "progress": progress.json(),
            "began_at": now,
        },
    )
    try:
        stack.store.create(record, given_tags(payload.get("Tags", [])))
    except RecordExistsError as error:
        raise faults.exists(NOUN, own) from error
    stack.endpoints.change(record)
    return {"EndpointArn": own}


def describe_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeEndpoint."""
    own = arn(region, "endpoint", payload["EndpointName"])
    record = stack.store.get(own)
    if record is None:
        raise faults.missing(NOUN, own)
    return description(stack, record)


def list_endpoints(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListEndpoints."""
    return list_page(stack.store, region, _LISTING, payload)


def update_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """UpdateEndpoint."""
    own = arn(region, "endpoint", payload["EndpointName"])
    current = stack.store.get(own)
    if current is None:
        raise faults.missing(NOUN, own)
    check_idle(current)
    if current.status == "Failed":
        raise faults.endpoint_failed(own)
    if payload.get(_EXCLUDED) and not payload.get(_RETAIN):
        raise deployment_faults.nothing_to_exclude_from()
    asked = _plan(stack, region, payload["EndpointConfigName"])
    config = _deployment_config(current, payload)
    check_config(config, stack.endpoints.alarms, region)

    def change(record: Record) -> Record:
        check_idle(record)
        serving = FleetPlan.of_json(record.execution["fleet"])
        plan = _retaining(payload, asked, serving)
        check_quota(plan, serving)
        check_kept(stack.store, region, record.name, (serving, plan))
        check_names(config, serving, plan)
        check_fit(config, plan)
        now = time.time()
        progress = Progress(
            steps=update(config, serving.held, plan.desired),
            began_at=now,
            since=now,
            held={"old": serving.held},
            config=config,
        )
        updating = record.with_execution(
            pending=plan.json(), progress=progress.json(), began_at=now
        )
        return replace(updating, status="Updating").with_description(
            FailureReason=None,
            LastDeploymentConfig=config
            or record.description.get("LastDeploymentConfig"),
        )

    stack.endpoints.change(changed(stack, own, change))
    return {"EndpointArn": own}


def delete_endpoint(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteEndpoint."""
    own = arn(region, "endpoint", payload["EndpointName"])

    def change(record: Record) -> Record:
        check_idle(record)
        return replace(record, status="Deleting")

    with stack.store.together():
        deleting = changed(stack, own, change)
        policies = forget_endpoint(stack.store, region, payload["EndpointName"])
    alarms.delete(stack.cloudwatch, region, policies)
    stack.endpoints.delete(deleting)
    return {}


def changed(stack: Stack, own: str, change: Callable[[Record], Record]) -> Record:
    """Change an endpoint; AWS's error where there is none."""
    try:
        return stack.store.change(own, change)
    except RecordMissingError as error:
        raise faults.missing(NOUN, own) from error


def check_idle(record: Record) -> None:
    """Refuse a change of an endpoint that is changing already."""
    if record.status in IN_PROGRESS:
        raise faults.endpoint_in_progress(record.arn)


def _plan(stack: Stack, region: str, config_name: str) -> FleetPlan:
    config = existing(stack, region, CONFIG, config_name)
    names = {each["ModelName"] for each in config.description["ProductionVariants"]}
    models = {name: existing(stack, region, MODEL, name) for name in names}
    return fleet_plan(config, models, stack.executor.digest)


def _deployment_config(current: Record, payload: Payload) -> Payload:
    """Return the DeploymentConfig of an update; nothing stands for AWS's default."""
    given: Payload | None = payload.get("DeploymentConfig")
    if not payload.get("RetainDeploymentConfig"):
        return given or {}
    if given is not None:
        raise deployment_faults.two_deployment_configs()
    last: Payload = current.description.get("LastDeploymentConfig", {})
    return last


def _retaining(payload: Payload, asked: FleetPlan, serving: FleetPlan) -> FleetPlan:
    if not payload.get(_RETAIN):
        return asked
    excluded = [each["VariantPropertyType"] for each in payload.get(_EXCLUDED, [])]
    return retaining(asked, serving, excluded)
