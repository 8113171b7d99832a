"""Put, describe and delete scaling policies."""

import time
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.autoscaling import alarms, faults
from slipway.sagemaker_local.autoscaling.metrics import CUSTOMIZED, PREDEFINED
from slipway.sagemaker_local.autoscaling.pages import page
from slipway.sagemaker_local.autoscaling.resources import NO_STATUS, POLICY, Variant
from slipway.sagemaker_local.autoscaling.supported import TARGET_TRACKING
from slipway.sagemaker_local.autoscaling.target_operations import dimension_alone
from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record, RecordMissingError

Payload = Mapping[str, Any]
Answer = dict[str, Any]
MOST_POLICIES = 10
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def put_scaling_policy(stack: Stack, region: str, payload: Payload) -> Answer:
    """PutScalingPolicy: new, or in the place of the one of its name."""
    variant = Variant.of(region, payload["ResourceId"])
    configuration = _checked(payload)
    name, now = payload["PolicyName"], time.time()
    arn = variant.policy_arn(name)
    shown = alarms.shown(variant, name)
    policy = Record(
        arn=arn,
        kind=POLICY,
        region=region,
        name=name,
        status=NO_STATUS,
        created_at=now,
        modified_at=now,
        description={
            "PolicyARN": arn,
            "PolicyName": name,
            "ServiceNamespace": payload["ServiceNamespace"],
            "ResourceId": variant.resource_id,
            "ScalableDimension": payload["ScalableDimension"],
            "PolicyType": TARGET_TRACKING,
            _CONFIGURATION: configuration,
            "Alarms": shown,
        },
    )
    with stack.store.together():
        if stack.store.get(variant.target_arn) is None:
            raise faults.target_not_registered(variant)
        # Before the policy: what they refuse leaves nothing behind.
        alarms.put(stack.cloudwatch, variant, name, configuration)
        if stack.store.get(arn) is None:
            stack.store.create(policy, {})
        else:
            changed = policy.description
            stack.store.change(arn, lambda old: old.with_description(**changed))
    return {"PolicyARN": arn, "Alarms": shown}


def describe_scaling_policies(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeScalingPolicies."""
    wanted, names = payload.get("ResourceId"), payload.get("PolicyNames")
    if "ScalableDimension" in payload and wanted is None:
        raise dimension_alone()
    found = [
        each
        for each in stack.store.having(POLICY, (NO_STATUS,))
        if each.region == region
        and wanted in (None, each.description["ResourceId"])
        and (not names or each.name in names)
    ]
    shown, token = page(found, payload, most=MOST_POLICIES)
    return {"ScalingPolicies": [_described(each) for each in shown], **token}


def delete_scaling_policy(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteScalingPolicy."""
    variant, name = Variant.of(region, payload["ResourceId"]), payload["PolicyName"]
    policy = stack.store.get(variant.policy_arn(name))
    try:
        stack.store.delete(variant.policy_arn(name))
    except RecordMissingError as error:
        raise faults.policy_missing(variant, name) from error
    alarms.delete(stack.cloudwatch, region, [policy] if policy else [])
    return {}


def _checked(payload: Payload) -> Payload:
    """Return a policy's configuration; what cannot be tracked is refused."""
    configuration: Payload | None = payload.get(_CONFIGURATION)
    if "PolicyType" not in payload or configuration is None:
        message = f"PolicyType {TARGET_TRACKING} and {_CONFIGURATION} must be given"
        raise validation(message)
    if (PREDEFINED in configuration) == (CUSTOMIZED in configuration):
        message = (
            f"{_CONFIGURATION} needs a {PREDEFINED} or a {CUSTOMIZED}, one of both"
        )
        raise validation(message)
    if configuration["TargetValue"] <= 0:
        message = f"TargetValue must be above 0, not {configuration['TargetValue']}"
        raise validation(message)
    for member in ("ScaleOutCooldown", "ScaleInCooldown"):
        if configuration.get(member, 0) < 0:
            message = f"{member} must be at least 0 seconds"
            raise validation(message)
    return configuration


def _described(record: Record) -> Answer:
    return {**record.description, "CreationTime": record.created_at}
