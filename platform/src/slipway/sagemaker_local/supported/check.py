"""Requests held against what is supported."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.errors import suggestion
from slipway.sagemaker_local.faults import AwsError, missing_member, validation
from slipway.sagemaker_local.supported.table import NEEDED, OPERATIONS


def operation_not_supported(operation: str) -> AwsError:
    """Return the answer to an operation of SageMaker's that is not in the table."""
    message = (
        f"The local SageMaker server does not support the operation "
        f"'{operation}'.{suggestion(operation, OPERATIONS)}"
    )
    return validation(message)


def check_members(
    operation: str,
    payload: Mapping[str, Any],
    table: Mapping[str, Mapping[str, Any]] = OPERATIONS,
) -> None:
    """Refuse a request with a member or a value that is not in the table."""
    for error in _unsupported(operation, payload, table[operation], ""):
        raise error


def _unsupported(
    operation: str, value: object, support: object, path: str
) -> Iterator[AwsError]:
    if value is None or support is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from _unsupported(operation, item, support, path)
    elif isinstance(support, tuple):
        if value not in support:
            supported = ", ".join(map(str, support)) or "none"
            message = (
                f"The local SageMaker server does not support the value '{value}' of "
                f"'{path}' in {operation}. Supported: {supported}"
            )
            yield validation(message)
    elif isinstance(value, Mapping) and isinstance(support, Mapping):
        yield from _unsupported_members(operation, value, support, path)


def _unsupported_members(
    operation: str, value: Mapping[str, Any], support: Mapping[str, Any], path: str
) -> Iterator[AwsError]:
    supported = {name.rstrip(NEEDED): inner for name, inner in support.items()}
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        if name in supported:
            yield from _unsupported(operation, item, supported[name], inner)
        elif item is not None:
            where = f" of '{path}'" if path else ""
            message = (
                f"The local SageMaker server does not support the member '{inner}' in "
                f"{operation}. Supported members{where}: {', '.join(sorted(supported))}"
            )
            yield validation(message)
    for name in support:
        if name.endswith(NEEDED) and value.get(name.rstrip(NEEDED)) is None:
            inner = f"{path}.{name}" if path else name
            yield missing_member(inner.rstrip(NEEDED))
