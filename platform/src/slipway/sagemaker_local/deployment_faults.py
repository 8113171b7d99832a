"""Every way in which a change of an endpoint is refused."""

from collections.abc import Sequence

from slipway.sagemaker_local.faults import AwsError, validation


def endpoint_not_scalable(arn: str, status: str) -> AwsError:
    """Return the answer to new capacities of an endpoint that does not just serve."""
    message = f'Cannot update weights and capacities of endpoint "{arn}" in status '
    return validation(f"{message}{status}.")


def variants_missing(names: Sequence[str], config: str) -> AwsError:
    """Return the answer to capacities of variants that an endpoint has not."""
    message = (
        f'The variant name(s) "{", ".join(names)}" is/are not present within endpoint '
        f'configuration "{config}".'
    )
    return validation(message)


def no_instances(variant: str) -> AwsError:
    """Return the answer to a variant without instances."""
    message = f"DesiredInstanceCount of variant '{variant}' must be at least 1"
    return validation(message)


def alarms_missing(names: Sequence[str]) -> AwsError:
    """Return the answer to alarms that CloudWatch does not have."""
    message = (
        "AutoRollbackConfiguration names CloudWatch alarms that do not exist: "
        f"{', '.join(names)}"
    )
    return validation(message)


def two_update_policies() -> AwsError:
    """Return the answer to a deployment that is blue/green and rolling at once."""
    message = (
        "Only one update policy should be used in the deployment configuration: give "
        "either BlueGreenUpdatePolicy or RollingUpdatePolicy"
    )
    return validation(message)


def two_deployment_configs() -> AwsError:
    """Return the answer to a deployment config beside the wish to keep the last one."""
    message = "DeploymentConfig cannot be given when RetainDeploymentConfig is true"
    return validation(message)


def nothing_to_exclude_from() -> AwsError:
    """Return the answer to exceptions from a retention that is not asked for."""
    message = (
        "ExcludeRetainedVariantProperties can only be given when "
        "RetainAllVariantProperties is true"
    )
    return validation(message)


def size_missing(routing: str, member: str) -> AwsError:
    """Return the answer to a kind of traffic shifting that lacks its size."""
    return validation(f"TrafficRoutingConfiguration of Type {routing} needs {member}")


def size_unused(routing: str, member: str) -> AwsError:
    """Return the answer to a size that a kind of traffic shifting does not have."""
    return validation(f"TrafficRoutingConfiguration of Type {routing} has no {member}")


def size_out_of_bounds(member: str, value: str, bounds: tuple[int, int]) -> AwsError:
    """Return the answer to a part of the capacity that is too large or too small."""
    low, high = bounds
    what = f"between {low}% and {high}%" if low else f"less than or equal to {high}%"
    message = (
        f"{member} of {value} must be {what} of the variant's total instance count"
    )
    return validation(message)


def waits_too_long(waits: int, limit: int) -> AwsError:
    """Return the answer to a deployment whose waits alone take too long."""
    message = (
        f"MaximumExecutionTimeoutInSeconds of {limit} must be larger than the total "
        f"waiting time of {waits} seconds"
    )
    return validation(message)


def other_variants(old: Sequence[str], new: Sequence[str]) -> AwsError:
    """Return the answer to a guarded update to variants of other names."""
    message = (
        "The new endpoint configuration must have the same variant names as the old "
        f"one for this deployment: it has {', '.join(new)} instead of {', '.join(old)}"
    )
    return validation(message)


def rolling_needs_one_variant(count: int) -> AwsError:
    """Return the answer to a rolling update of several variants."""
    message = (
        "RollingUpdatePolicy does not support multi-variant endpoints: the endpoint "
        f"configuration has {count} variants"
    )
    return validation(message)
