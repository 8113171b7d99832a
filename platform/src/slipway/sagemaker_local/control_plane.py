"""SageMaker's own front: its operations, in JSON 1.1."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.fault_switches.veil import Veil
from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.operations.table import HANDLERS
from slipway.sagemaker_local.protocol import JsonFront, JsonService
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.supported.check import operation_not_supported
from slipway.sagemaker_local.supported.table import OPERATIONS

SAGEMAKER = JsonService(
    name="sagemaker",
    title="SageMaker",
    target="SageMaker",
    supported=OPERATIONS,
    invalid=validation,
    not_supported=operation_not_supported,
    crash="InternalFailure",
)


def control_plane(stack: Stack, veil: Veil) -> JsonFront:
    """Return what answers SageMaker; the veil hides what a test wants hidden."""

    def carry_out(
        operation: str, region: str, payload: Mapping[str, Any]
    ) -> dict[str, Any]:
        with veil.over(stack) as seen:
            return HANDLERS[operation](seen, region, payload)

    return JsonFront(SAGEMAKER, carry_out)
