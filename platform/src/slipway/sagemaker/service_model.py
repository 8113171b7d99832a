"""Botocore's service models, loaded once and on first use."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import (
    OperationModel,
    ServiceModel,
    Shape,
)

from slipway.errors import InvalidRequestError, suggestion


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service, such as `sagemaker` or `s3`."""
    # A session would load clients and waiters, too: a third of a second of CPU.
    description = Loader().load_service_model(service, "service-2")
    return ServiceModel(description, service_name=service)


def operation_names(service: str) -> frozenset[str]:
    """Return the name of every operation that a service has."""
    return frozenset(service_model(service).operation_names)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return the model of one operation; an unknown one is an InvalidRequestError."""
    known = operation_names(service)
    if operation not in known:
        message = f"{service} has no operation {operation!r}."
        raise InvalidRequestError(message + suggestion(operation, known))
    return service_model(service).operation_model(operation)


@cache
def input_shape(service: str, operation: str) -> Shape | None:
    """Return the shape of an operation's request; None where it takes nothing."""
    return operation_model(service, operation).input_shape


@cache
def known_instance_types(shape: str) -> tuple[str, ...]:
    """Return the instance types that one of SageMaker's enums lists."""
    return tuple(service_model("sagemaker").shape_for(shape).enum)


def members_of(path: Sequence[str]) -> tuple[str, ...]:
    """Return the members at `path`: an operation or a shape, then members of its request.

    Nothing, where the path leads to one value.
    """
    model, (first, *rest) = service_model("sagemaker"), path
    shape: Any = (
        model.operation_model(first).input_shape
        if first in model.operation_names
        else model.shape_for(first)
    )
    for member in rest:
        shape = shape.members[member]
    return tuple(getattr(shape, "members", ()))
