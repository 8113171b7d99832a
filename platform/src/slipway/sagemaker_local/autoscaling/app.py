"""Application Auto Scaling's front: its operations, in JSON 1.1."""

from collections.abc import Callable, Mapping
from typing import Any

from slipway.sagemaker_local.autoscaling import policy_operations, target_operations
from slipway.sagemaker_local.autoscaling.faults import not_supported
from slipway.sagemaker_local.autoscaling.supported import OPERATIONS, SERVICE
from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.protocol import JsonFront, JsonService
from slipway.sagemaker_local.stack import Stack

AUTO_SCALING = JsonService(
    name=SERVICE,
    title="Application Auto Scaling",
    target="AnyScaleFrontendService",
    supported=OPERATIONS,
    invalid=validation,
    not_supported=lambda operation: not_supported(operation, tuple(OPERATIONS)),
    crash="InternalServiceException",
    enums_last=True,
)
Handler = Callable[[Stack, str, Mapping[str, Any]], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "DeleteScalingPolicy": policy_operations.delete_scaling_policy,
    "DeregisterScalableTarget": target_operations.deregister_scalable_target,
    "DescribeScalableTargets": target_operations.describe_scalable_targets,
    "DescribeScalingActivities": target_operations.describe_scaling_activities,
    "DescribeScalingPolicies": policy_operations.describe_scaling_policies,
    "ListTagsForResource": target_operations.list_tags_for_resource,
    "PutScalingPolicy": policy_operations.put_scaling_policy,
    "RegisterScalableTarget": target_operations.register_scalable_target,
    "TagResource": target_operations.tag_resource,
    "UntagResource": target_operations.untag_resource,
}


def auto_scaling_front(stack: Stack) -> JsonFront:
    """Return what answers `application-autoscaling`."""
    return JsonFront(
        AUTO_SCALING,
        lambda operation, region, payload: HANDLERS[operation](stack, region, payload),
    )
