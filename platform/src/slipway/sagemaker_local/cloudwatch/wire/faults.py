"""CloudWatch's own answers to what is wrong with a request."""

from collections.abc import Iterable, Sequence
from functools import cache

from slipway.sagemaker.service_model import operation_model, operation_names
from slipway.sagemaker.shapes import Violation, summary
from slipway.sagemaker_local.faults import AwsError

SERVICE = "cloudwatch"
INVALID = "InvalidParameterValue"
MISSING = "MissingParameter"
COMBINATION = "InvalidParameterCombination"
#: Of operations about alarms, whose answers to wrong requests AWS does not model.
VALIDATION = "ValidationError"


def invalid(operation: str, message: str) -> AwsError:
    """Return the answer to a wrong value."""
    return AwsError(INVALID if _is_modelled(operation) else VALIDATION, message)


def missing(operation: str, path: str) -> AwsError:
    """Return the answer to a member that is required together with others."""
    code = MISSING if _is_modelled(operation) else VALIDATION
    return AwsError(code, f"The parameter {path} is required.")


def combination(operation: str, message: str) -> AwsError:
    """Return the answer to members that do not go together."""
    return AwsError(COMBINATION if _is_modelled(operation) else VALIDATION, message)


def not_found(name: str) -> AwsError:
    """Return the answer to an alarm that is not there."""
    return AwsError("ResourceNotFound", f"Unknown alarm: {name}", 404)


def limit_exceeded(message: str) -> AwsError:
    """Return the answer to more than a quota allows."""
    return AwsError("LimitExceeded", message)


def invalid_format(message: str) -> AwsError:
    """Return the answer to a StateReasonData that is no JSON."""
    return AwsError("InvalidFormat", message)


def not_supported(operation: str, supported: Iterable[str]) -> AwsError:
    """Return the answer to an operation that is not there; AWS may have it."""
    if operation not in operation_names(SERVICE):
        message = f"CloudWatch has no operation '{operation[:100]}'"
        return AwsError("UnknownOperationException", message)
    message = (
        f"The local SageMaker server does not support the operation '{operation}' of "
        f"CloudWatch. Supported operations: {', '.join(supported)}"
    )
    return AwsError(VALIDATION, message)


def internal_failure() -> AwsError:
    """Return the answer to a request that the server failed at."""
    message = "The local SageMaker server failed; its own log says why"
    return AwsError("InternalFailure", message, 500)


def invalid_token() -> AwsError:
    """Return the answer to a NextToken that is of no answer before."""
    message = "The NextToken is not valid: pass the one of the answer before"
    return AwsError("InvalidNextToken", message)


def violated(operation: str, found: Sequence[Violation]) -> AwsError:
    """Return the answer to a request that breaks the rules of AWS's model."""
    mistyped = [each for each in found if each.what == "type"]
    if mistyped:
        return AwsError("SerializationException", mistyped[0].message)
    if _is_modelled(operation) and found[0].what == "required":
        path = _upper(found[0].path)
        return AwsError(MISSING, f"The parameter {path} is required.")
    return invalid(operation, summary(found))


@cache
def error_shape(operation: str, code: str) -> str:
    """Return the name of an operation's error in AWS's model; the code where none is."""
    for shape in operation_model(SERVICE, operation).error_shapes:
        if shape.metadata.get("error", {}).get("code", shape.name) == code:
            return str(shape.name)
    return code


@cache
def _is_modelled(operation: str) -> bool:
    return error_shape(operation, INVALID) != INVALID


def _upper(path: str) -> str:
    return ".".join(name[:1].upper() + name[1:] for name in path.split("."))
