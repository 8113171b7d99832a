"""Every way in which Application Auto Scaling refuses a request, in AWS's words."""

from slipway.errors import suggestion
from slipway.sagemaker_local.autoscaling.resources import Variant
from slipway.sagemaker_local.faults import AwsError, validation

_MISSING = "ObjectNotFoundException"


def not_supported(operation: str, supported: tuple[str, ...]) -> AwsError:
    """Return the answer to an operation of AWS's that is not one of this server's."""
    message = (
        f"The local server does not support the operation '{operation}' of "
        f"Application Auto Scaling.{suggestion(operation, supported)}"
    )
    return validation(message)


def target_not_registered(variant: Variant) -> AwsError:
    """Return the answer to a policy of a variant that is no scalable target."""
    return AwsError(_MISSING, f"No scalable target registered for {variant.described}")


def target_missing(variant: Variant) -> AwsError:
    """Return the answer to a deregistration of what is not registered."""
    return AwsError(_MISSING, f"No scalable target found for {variant.described}")


def endpoint_missing(variant: Variant) -> AwsError:
    """Return the answer to the registration of a variant of no endpoint."""
    return validation(f'Could not find endpoint "{variant.endpoint_arn}".')


def endpoint_never_served(variant: Variant, status: str) -> AwsError:
    """Return the answer to the registration of a variant that never came up."""
    message = (
        f'The variants of the endpoint "{variant.endpoint_arn}" cannot be scaled: it is '
        f"{status}."
    )
    return validation(message)


def variant_missing(variant: Variant) -> AwsError:
    """Return the answer to the registration of what its endpoint does not have."""
    message = f'Could not find variant "{variant.name}" of "{variant.endpoint_arn}".'
    return validation(message)


def policy_missing(variant: Variant, policy: str) -> AwsError:
    """Return the answer to the deletion of a policy that is not there."""
    message = f"No scaling policy found for {variant.described}, policy name: {policy}"
    return AwsError(_MISSING, message)


def resource_missing(arn: str) -> AwsError:
    """Return the answer to tags of what is no scalable target."""
    message = f"No scalable target has the ARN {arn}"
    return AwsError("ResourceNotFoundException", message)


def invalid_token() -> AwsError:
    """Return the answer to a NextToken that no answer had."""
    message = "Invalid NextToken: pass the one of the answer before, unchanged"
    return AwsError("InvalidNextTokenException", message)


def capacity_above_quota(capacity: int, quota: int) -> AwsError:
    """Return the answer to a target that may grow beyond what an endpoint may have."""
    message = (
        f"A maximum capacity of {capacity} exceeds the limit of {quota} instances of an "
        "endpoint"
    )
    return AwsError("LimitExceededException", message)


def burstable(instance_type: str) -> AwsError:
    """Return the answer to the registration of a variant whose speed varies."""
    message = (
        f"You cannot register a variant with {instance_type} instance type as a "
        "scalable target. This is because the burstable performance of these instances "
        "can lead to unpredictable behavior with Auto Scaling."
    )
    return validation(message)


def variants_are_scaled(names: list[str]) -> AwsError:
    """Return the answer to an update that takes scaled variants away."""
    message = (
        f'The variant(s) "{", ".join(names)}" must be deregistered as scalable targets '
        "with AWS Auto Scaling before they can be removed or have their instance type "
        "updated."
    )
    return validation(message)
