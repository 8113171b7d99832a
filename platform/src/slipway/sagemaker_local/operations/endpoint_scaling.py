"""Other weights and capacities for the variants of an endpoint that serves."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.sagemaker_local import deployment_faults, faults
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.endpoints.strategies import scaling
from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.operations.endpoint_operations import changed, check_idle
from slipway.sagemaker_local.operations.variant_limits import (
    check_quota,
    check_weights,
)
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record

_MEMBER = "DesiredWeightsAndCapacities"


def update_weights_and_capacities(
    stack: Stack, region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities."""
    asked = payload[_MEMBER]
    own = arn(region, "endpoint", payload["EndpointName"])
    counts = {
        each["VariantName"]: each["DesiredInstanceCount"]
        for each in asked
        if "DesiredInstanceCount" in each
    }
    weights = {
        each["VariantName"]: each["DesiredWeight"]
        for each in asked
        if "DesiredWeight" in each
    }
    names = [each["VariantName"] for each in asked]
    check_weights(asked, _MEMBER, "DesiredWeight")

    def change(record: Record) -> Record:
        check_idle(record)
        if record.status != "InService":
            raise deployment_faults.endpoint_not_scalable(own, record.status)
        plan = FleetPlan.of_json(record.execution["fleet"])
        _check(names, counts, plan)
        check_quota(plan.scaled(counts, weights), plan)
        now = time.time()
        progress = Progress(
            steps=scaling(counts, weights),
            began_at=now,
            since=now,
            held={"old": plan.held},
        )
        updating = record.with_execution(progress=progress.json())
        return replace(updating, status="Updating").with_description(FailureReason=None)

    stack.endpoints.change(changed(stack, own, change))
    return {"EndpointArn": own}


def _check(names: list[str], counts: Mapping[str, int], plan: FleetPlan) -> None:
    unknown = [name for name in names if name not in plan.desired]
    if unknown:
        raise deployment_faults.variants_missing(unknown, plan.config)
    for name in names:
        if names.count(name) > 1:
            raise faults.repeated_name(_MEMBER, name)
    for name, count in counts.items():
        if count < 1:
            raise deployment_faults.no_instances(name)
