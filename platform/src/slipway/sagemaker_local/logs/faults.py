"""Every way in which CloudWatch Logs refuses a request."""

from slipway.errors import suggestion
from slipway.sagemaker_local.faults import AwsError


def invalid(message: str) -> AwsError:
    """Return the answer to a request that is wrong."""
    return AwsError("InvalidParameterException", message)


def group_missing() -> AwsError:
    """Return the answer to a read of a group that is not there."""
    message = "The specified log group does not exist."
    return AwsError("ResourceNotFoundException", message)


def stream_missing() -> AwsError:
    """Return the answer to a read of a stream that is not there."""
    message = "The specified log stream does not exist."
    return AwsError("ResourceNotFoundException", message)


def token_invalid() -> AwsError:
    """Return the answer to a token that no answer gave."""
    return invalid("The specified nextToken is invalid.")


def not_supported(operation: str, supported: tuple[str, ...]) -> AwsError:
    """Return the answer to an operation of AWS's that is not one of this server's."""
    message = (
        "The local server's logs are what jobs and endpoints write; it does not support "
        f"the operation '{operation}' of CloudWatch Logs."
        f"{suggestion(operation, supported)}"
    )
    return invalid(message)
