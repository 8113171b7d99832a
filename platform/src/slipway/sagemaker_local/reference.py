"""The page of what the local server supports, written from its own tables."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from slipway.sagemaker.service_model import input_shape, operation_names
from slipway.sagemaker_local.autoscaling.supported import (
    OPERATIONS as SCALING_OPERATIONS,
)
from slipway.sagemaker_local.autoscaling.supported import SERVICE as AUTO_SCALING
from slipway.sagemaker_local.cloudwatch.invocation_metrics import NAMESPACE, UNITS
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS as CLOUDWATCH
from slipway.sagemaker_local.endpoints.invocation import SUPPORTED as INVOCATION
from slipway.sagemaker_local.fault_switches.kinds import KINDS
from slipway.sagemaker_local.logs.supported import OPERATIONS as LOG_OPERATIONS
from slipway.sagemaker_local.s3.app import supported_operations
from slipway.sagemaker_local.s3.checksums import ALGORITHMS
from slipway.sagemaker_local.supported.extent import Extent, extents
from slipway.sagemaker_local.supported.table import OPERATIONS

_BEGIN, _END = "<!-- generated: begin -->", "<!-- generated: end -->"
_HEAD = "| member | taken | refused |\n|---|---|---|"


def rendered() -> str:
    """Return the generated part of the page."""
    parts = (
        _sagemaker(),
        _runtime(),
        _cloudwatch(),
        _auto_scaling(),
        _logs(),
        _other_services(),
        _faults(),
    )
    return "\n\n".join(chain(*parts))


def updated(page: str) -> str:
    """Return a page with its generated part as the code has it now."""
    part = f"{_BEGIN}\n{rendered()}\n{_END}"
    return re.sub(f"{_BEGIN}.*{_END}", lambda _: part, page, flags=re.DOTALL)


def _sagemaker() -> Iterator[str]:
    known = operation_names("sagemaker")
    whole = _whole("sagemaker", OPERATIONS)
    yield (
        f"SageMaker has {len(known)} operations. {len(OPERATIONS)} are supported; "
        f"each of the other {len(known) - len(OPERATIONS)} answers a "
        "`ValidationException` that names it."
    )
    yield "Taken with every member that AWS has:"
    yield "\n".join(f"- `{name}`" for name in whole)
    yield "Taken in part are those below. `=` stands before the only values that are taken, or before those that are refused; a member that is not named is refused with its own name."
    for operation, support in OPERATIONS.items():
        if operation not in whole:
            yield from _section("sagemaker", operation, support)


def _runtime() -> Iterator[str]:
    others = operation_names("sagemaker-runtime") - {"InvokeEndpoint"}
    yield f"Of the runtime, {_list(sorted(others))} are refused."
    support = dict.fromkeys(INVOCATION)
    yield from _section("sagemaker-runtime", "InvokeEndpoint", support)


def _cloudwatch() -> Iterator[str]:
    known, whole = operation_names("cloudwatch"), _whole("cloudwatch", CLOUDWATCH)
    yield "### CloudWatch"
    yield (
        f"CloudWatch has {len(known)} operations. {len(CLOUDWATCH)} are supported; each "
        f"of the other {len(known) - len(CLOUDWATCH)} answers a `ValidationError` that "
        "names it."
    )
    yield f"Taken with every member that AWS has: {_list(whole)}."
    yield f"Metrics of each variant, in `{NAMESPACE}`:"
    rows = (f"| `{name}` | {unit} |" for name, unit in UNITS.items())
    yield "\n".join(["| metric | unit |\n|---|---|", *rows])
    for operation, support in CLOUDWATCH.items():
        if operation not in whole:
            yield from _section("cloudwatch", operation, support)


def _auto_scaling() -> Iterator[str]:
    whole = _whole(AUTO_SCALING, SCALING_OPERATIONS)
    others = operation_names(AUTO_SCALING) - SCALING_OPERATIONS.keys()
    yield "### Application Auto Scaling"
    yield f"Taken with every member that AWS has: {_list(whole)}."
    yield f"Refused with a `ValidationException` that names them: {_list(sorted(others))}."
    for operation, support in SCALING_OPERATIONS.items():
        if operation not in whole:
            yield from _section(AUTO_SCALING, operation, support)


def _logs() -> Iterator[str]:
    known = operation_names("logs")
    yield "### CloudWatch Logs"
    yield (
        f"CloudWatch Logs has {len(known)} operations. {len(LOG_OPERATIONS)} are "
        f"supported, of the groups that jobs and endpoints write; each of the other "
        f"{len(known) - len(LOG_OPERATIONS)} answers an `InvalidParameterException` that "
        "names it."
    )
    for operation, support in LOG_OPERATIONS.items():
        yield from _section("logs", operation, support)


def _other_services() -> Iterator[str]:
    yield "### Other services"
    yield f"S3: {_list(supported_operations())}."
    kinds = (
        f"| `{name.upper()}` | {', '.join(f'`{kind}`' for kind in each.kinds)} |"
        for name, each in ALGORITHMS.items()
    )
    yield "Checksums of S3, and what each may be of in an upload of parts; the first is usual:"
    yield "\n".join(["| checksum | of parts |\n|---|---|", *kinds])


def _faults() -> Iterator[str]:
    yield "### Faults"
    rows = (f"| `{name}` | {kind.meaning} |" for name, kind in KINDS.items())
    yield "\n".join(["| kind | what happens |\n|---|---|", *rows])


def _section(service: str, operation: str, support: Mapping[str, Any]) -> Iterator[str]:
    rows = extents(input_shape(service, operation), support)
    parts = [each for each in rows if each.taken and not each.whole]
    yield f"### {operation}"
    yield f"Taken: {_list([each.member for each in rows if each.whole])}."
    if parts:
        yield "\n".join([_HEAD, *map(_row, parts)])
    refused = [each.member for each in rows if not each.taken]
    if refused:
        yield f"Refused: {_list(refused)}."


def _row(extent: Extent) -> str:
    cells = (_below(extent.member, each) for each in (extent.taken, extent.refused))
    return f"| `{extent.member}` | {' | '.join(cells)} |"


def _below(member: str, paths: tuple[str, ...]) -> str:
    """Return paths as they are called inside of a member."""
    inner = (path.removeprefix(f"{member}.").partition(" = ") for path in paths)
    return ", ".join(f"`{name}`{equals}{values}" for name, equals, values in inner)


def _whole(service: str, table: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the operations that are taken as AWS takes them."""
    return [
        name
        for name, support in table.items()
        if all(each.whole for each in extents(input_shape(service, name), support))
    ]


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
