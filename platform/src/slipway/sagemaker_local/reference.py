"""The page of what the local server supports, written from its own tables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.sagemaker_local.fault_switches.kinds import KINDS
from slipway.sagemaker_local.s3.app import supported_operations
from slipway.sagemaker_local.supported.table import OPERATIONS

_BEGIN, _END = "<!-- generated: begin -->", "<!-- generated: end -->"


def rendered() -> str:
    """Return the generated part of the page."""
    rows = "\n".join(
        f"| {operation} | {', '.join(_members(members, ''))} |"
        for operation, members in OPERATIONS.items()
    )
    faults = "\n".join(f"| `{name}` | {kind.meaning} |" for name, kind in KINDS.items())
    s3 = ", ".join(supported_operations())
    return (
        f"| operation | members; `=` lists the only values taken |\n|---|---|\n{rows}"
        f"\n\nS3: {s3}.\n\n### Faults\n\n| kind | what happens |\n|---|---|\n{faults}"
    )


def updated(page: str) -> str:
    """Return a page with its generated part as the code has it now."""
    part = f"{_BEGIN}\n{rendered()}\n{_END}"
    return re.sub(f"{_BEGIN}.*{_END}", lambda _: part, page, flags=re.DOTALL)


def _members(support: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in support.items():
        here = path + name.rstrip("!")
        if isinstance(inner, Mapping):
            yield from _members(inner, f"{here}.")
        elif isinstance(inner, tuple):
            yield f"`{here}` = {' or '.join(map(str, inner))}"
        else:
            yield f"`{here}`"
