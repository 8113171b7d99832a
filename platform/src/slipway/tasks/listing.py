"""The ledger as the command line lists it."""

from typing import Any

from rich.text import Text

from slipway.application.views import OperationLineView
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, some
from slipway.tasks.terminal import table

#: The longest page that a command prints.
_LONGEST = 1000
_COLUMNS = ("id", "state", "call", "name", "attempts", "due", "reason")


def list_operations(
    controller: Controller, model: str, *, state: str, limit: int, after: int
) -> Answer:
    """Return one page of an environment's operations, newest first."""
    if not 1 <= limit <= _LONGEST:
        message = f"--limit {limit} is not 1 to {_LONGEST}: page on with --after <id>"
        raise InvalidRequestError(message)
    wanted = {"model": model or None, "state": state or None}
    cursor = str(after) if after else None
    lines = some(controller, "operation.list", limit, cursor=cursor, **wanted)
    older = lines[-1].id if len(lines) == limit else None
    shown: list[Any] = [table(_COLUMNS, [_row(line) for line in lines])]
    if not lines:
        shown = ["No such operation"]
    if older is not None:
        shown.append(f"Older ones: --after {older}")
    data = {"operations": [_line(line) for line in lines], "next": older}
    return Answer(data, tuple(shown))


def _row(line: OperationLineView) -> tuple[str | Text, ...]:
    due = f"{line.due_at:%Y-%m-%d %H:%M:%S}Z" if line.due_at else ""
    state = f"{line.state} ({line.observed})" if line.observed else line.state
    reason = (line.reason.splitlines() or [""])[0]
    attempts = str(line.attempts or "")
    return (
        *(str(line.id), state, line.call, line.name, attempts, due),
        Text(reason),
    )


def _line(line: OperationLineView) -> dict[str, Any]:
    return {
        "id": line.id,
        "model": line.model,
        "state": line.state,
        "resource": line.resource,
        "call": line.call,
        "name": line.name,
        "generation": line.generation,
        "observed": line.observed,
        "attempts": line.attempts,
        "due_at": line.due_at.isoformat() if line.due_at else None,
        "changed_at": line.changed_at.isoformat(),
        "reason": line.reason,
    }
