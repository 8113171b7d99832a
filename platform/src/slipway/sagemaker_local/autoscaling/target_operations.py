"""Register, describe and deregister scalable targets, and tag them."""

import time
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.autoscaling import alarms, faults
from slipway.sagemaker_local.autoscaling.pages import page
from slipway.sagemaker_local.autoscaling.resources import (
    ACTIVITY,
    NO_STATUS,
    SERVICE_ROLE,
    TARGET,
    Variant,
)
from slipway.sagemaker_local.autoscaling.targets import deregister, targets
from slipway.sagemaker_local.endpoints.plan import FleetPlan, VariantPlan
from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.operations.variant_limits import MOST_INSTANCES
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record, RecordMissingError

Payload = Mapping[str, Any]
Answer = dict[str, Any]
MOST_TARGETS = 50
_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
_BURSTABLE = "ml.t"


def register_scalable_target(stack: Stack, region: str, payload: Payload) -> Answer:
    """RegisterScalableTarget: new, or changed by the members that are given."""
    variant = Variant.of(region, payload["ResourceId"])
    plan = _plan(stack, variant)
    if plan.instance_type.startswith(_BURSTABLE):
        raise faults.burstable(plan.instance_type)
    tags = payload.get("Tags", {})
    with stack.store.together():
        known = stack.store.get(variant.target_arn)
        if known is None:
            stack.store.create(_target(variant, payload), tags)
        elif tags:
            message = (
                "The scalable target that you tried to tag already exists. To update "
                "tags on an existing scalable target, use the TagResource API."
            )
            raise validation(message)
        else:
            stack.store.change(known.arn, lambda old: _changed(old, payload))
    return {"ScalableTargetARN": variant.target_arn}


def deregister_scalable_target(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeregisterScalableTarget: its policies go with it."""
    variant = Variant.of(region, payload["ResourceId"])
    try:
        removed = deregister(stack.store, variant)
    except RecordMissingError as error:
        raise faults.target_missing(variant) from error
    alarms.delete(stack.cloudwatch, region, removed)
    return {}


def describe_scalable_targets(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeScalableTargets."""
    wanted = payload.get("ResourceIds")
    if "ScalableDimension" in payload and not wanted:
        raise dimension_alone()
    found = [
        each
        for each in targets(stack.store)
        if each.region == region
        and (not wanted or each.description["ResourceId"] in wanted)
    ]
    shown, token = page(found, payload, most=MOST_TARGETS)
    return {"ScalableTargets": [_described(each) for each in shown], **token}


def describe_scaling_activities(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeScalingActivities, the newest first."""
    wanted = payload.get("ResourceId")
    if "ScalableDimension" in payload and wanted is None:
        raise dimension_alone()
    found = [
        each
        for each in stack.store.having(ACTIVITY, (NO_STATUS,))
        if each.region == region and wanted in (None, each.description["ResourceId"])
    ]
    shown, token = page(found, payload, most=MOST_TARGETS, newest_first=True)
    return {"ScalingActivities": [dict(each.description) for each in shown], **token}


def tag_resource(stack: Stack, _region: str, payload: Payload) -> Answer:
    """TagResource."""
    given = payload["Tags"]
    return _tagged(stack, payload["ResourceARN"], lambda tags: {**tags, **given})


def untag_resource(stack: Stack, _region: str, payload: Payload) -> Answer:
    """UntagResource: keys that no tag has are no error."""
    keys = set(payload["TagKeys"])
    return _tagged(
        stack,
        payload["ResourceARN"],
        lambda tags: {key: tags[key] for key in tags if key not in keys},
    )


def list_tags_for_resource(stack: Stack, _region: str, payload: Payload) -> Answer:
    """ListTagsForResource."""
    arn = payload["ResourceARN"]
    record = stack.store.get(arn)
    if record is None or record.kind != TARGET:
        raise faults.resource_missing(arn)
    return {"Tags": stack.store.tags(arn)}


def dimension_alone() -> Exception:
    """Return the answer to a scalable dimension without a resource id."""
    message = "If you specify a scalable dimension, you must also specify a resource ID"
    return validation(message)


def _plan(stack: Stack, variant: Variant) -> VariantPlan:
    """Return what a variant is now; AWS's error where it is not there."""
    record = stack.store.get(variant.endpoint_arn)
    # Its metrics have the endpoint's name as it was created.
    if record is None or record.name != variant.endpoint or record.status == "Deleting":
        raise faults.endpoint_missing(variant)
    kept = record.execution.get("fleet") or record.execution.get("pending")
    if kept is None:
        raise faults.endpoint_never_served(variant, record.status)
    found = {each.name: each for each in FleetPlan.of_json(kept).variants}
    if variant.name not in found:
        raise faults.variant_missing(variant)
    return found[variant.name]


def _target(variant: Variant, payload: Payload) -> Record:
    if "MinCapacity" not in payload or "MaxCapacity" not in payload:
        message = (
            "MinCapacity and MaxCapacity are required when a new scalable target is "
            "registered"
        )
        raise validation(message)
    now = time.time()
    empty = Record(
        arn=variant.target_arn,
        kind=TARGET,
        region=variant.region,
        name=variant.resource_id,
        status=NO_STATUS,
        created_at=now,
        modified_at=now,
        description={
            "ServiceNamespace": payload["ServiceNamespace"],
            "ResourceId": variant.resource_id,
            "ScalableDimension": payload["ScalableDimension"],
            "RoleARN": SERVICE_ROLE,
            "SuspendedState": _SUSPENDED,
            "ScalableTargetARN": variant.target_arn,
        },
    )
    return _changed(empty, payload)


def _changed(record: Record, payload: Payload) -> Record:
    """Return a target with what a registration gives, to be brought within bounds."""
    given = {
        name: payload[name]
        for name in ("MinCapacity", "MaxCapacity")
        if name in payload
    }
    suspended = {
        **record.description["SuspendedState"],
        **payload.get("SuspendedState", {}),
    }
    changed = record.with_description(SuspendedState=suspended, **given)
    least, most = (changed.description[name] for name in ("MinCapacity", "MaxCapacity"))
    if least < 1:
        message = (
            "The local server keeps at least one instance: a MinCapacity of "
            f"{least} is for inference components and asynchronous endpoints"
        )
        raise validation(message)
    if most < least:
        message = "Maximum capacity cannot be less than minimum capacity"
        raise validation(message)
    if most > MOST_INSTANCES:
        raise faults.capacity_above_quota(most, MOST_INSTANCES)
    return changed.with_execution(unbounded=True)


def _described(record: Record) -> Answer:
    return {**record.description, "CreationTime": record.created_at}


def _tagged(stack: Stack, arn: str, change: Any) -> Answer:
    record = stack.store.get(arn)
    if record is None or record.kind != TARGET:
        raise faults.resource_missing(arn)
    stack.store.change_tags(arn, change)
    return {}
