"""Application Auto Scaling's front: its operations, in JSON 1.1."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from slipway.errors import suggestion
from slipway.sagemaker.service_model import operation_names
from slipway.sagemaker.shapes import summary, violations
from slipway.sagemaker_local.autoscaling import policy_operations, target_operations
from slipway.sagemaker_local.autoscaling.supported import OPERATIONS, SERVICE
from slipway.sagemaker_local.faults import (
    AwsError,
    StorageFullError,
    storage_full,
    validation,
)
from slipway.sagemaker_local.protocol import answered, parsed_body, refusal
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.supported.check import check_members

_LOG = logging.getLogger(__name__)
_TARGET = "AnyScaleFrontendService"
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


class AutoScalingApp:
    """Answers `application-autoscaling`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __call__(self, request: Request, region: str) -> Response:
        """Return the answer to one request; a fault of the server is a 500."""
        try:
            operation = _operation(request)
            payload = parsed_body(request)
            _check(operation, payload)
            answer = HANDLERS[operation](self._stack, region, payload)
        except AwsError as error:
            return refusal(error)
        except StorageFullError:
            return refusal(storage_full())
        except Exception:  # noqa: BLE001  # the entry point: the client gets no trace
            _LOG.exception("request_crashed service=%s", SERVICE)
            message = "The local server failed; its own log says why"
            return refusal(AwsError("InternalServiceException", message, 500))
        return answered(answer)


def _operation(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "")
    service, _, operation = target.partition(".")
    if service != _TARGET or operation not in operation_names(SERVICE):
        message = f"Application Auto Scaling has no operation '{target}'"
        code = "UnknownOperationException"
        raise AwsError(code, message)
    if operation not in OPERATIONS:
        message = (
            f"The local server does not support the operation '{operation}' of "
            f"Application Auto Scaling.{suggestion(operation, OPERATIONS)} "
            f"Supported: {', '.join(OPERATIONS)}"
        )
        raise validation(message)
    return operation


def _check(operation: str, payload: Mapping[str, Any]) -> None:
    found = violations(SERVICE, operation, payload)
    mistyped = [each for each in found if each.what == "type"]
    if mistyped:
        code, message = "SerializationException", mistyped[0].message
        raise AwsError(code, message)
    # An enum of AWS's has more than is supported; the table says what is.
    wrong = [each for each in found if each.what != "enum"]
    if wrong:
        raise validation(summary(wrong))
    check_members(operation, payload, OPERATIONS)
    if found:
        raise validation(summary(found))
