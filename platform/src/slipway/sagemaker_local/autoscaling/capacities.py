"""What carries a scaling decision out."""

from slipway.sagemaker_local.autoscaling.resources import Variant
from slipway.sagemaker_local.operations.endpoint_scaling import (
    update_weights_and_capacities,
)
from slipway.sagemaker_local.stack import Stack


class EndpointCapacities:
    """Changes counts as the caller of UpdateEndpointWeightsAndCapacities does."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def set_desired_count(self, variant: Variant, count: int) -> None:
        """Begin to give a variant so many instances; AwsError where it cannot be."""
        wanted = {"VariantName": variant.name, "DesiredInstanceCount": count}
        request = {
            "EndpointName": variant.endpoint,
            "DesiredWeightsAndCapacities": [wanted],
        }
        update_weights_and_capacities(self._stack, variant.region, request)
