"""The ledger as the command line lists it."""

from typing import Any

from rich.text import Text

from slipway.application.workspace import Workspace
from slipway.controller.states import CHARTS
from slipway.controller.store.listing import Line, Wanted, operation_page
from slipway.errors import InvalidRequestError, suggestion
from slipway.tasks.collecting import check_known
from slipway.tasks.command import Answer
from slipway.tasks.terminal import table

#: The longest page that a command prints.
_LONGEST = 1000
_COLUMNS = ("id", "state", "call", "name", "attempts", "due", "reason")


def list_operations(
    env: str, model: str, *, state: str, limit: int, after: int
) -> Answer:
    """Return one page of an environment's operations, newest first."""
    workspace = Workspace.open(env)
    check_known(workspace, model)
    wanted = Wanted(workspace.settings.environment.name, model, _states(state))
    if not 1 <= limit <= _LONGEST:
        message = f"--limit {limit} is not 1 to {_LONGEST}: page on with --after <id>"
        raise InvalidRequestError(message)
    database = workspace.store.database
    lines = operation_page(database, wanted, limit=limit, after=after or None)
    more = len(lines) == limit
    cursor = lines[-1].id if more else None
    shown: list[Any] = [table(_COLUMNS, [_row(line) for line in lines])]
    if not lines:
        shown = ["No such operation"]
    if cursor is not None:
        shown.append(f"Older ones: --after {cursor}")
    data = {"operations": [_line(line) for line in lines], "next": cursor}
    return Answer(data, tuple(shown))


def _states(state: str) -> tuple[str, ...]:
    chart = CHARTS["operation"]
    if not state:
        return ()
    if state == "unfinished":
        return tuple(sorted(chart.unfinished))
    if state not in chart.names:
        known = suggestion(state, (*chart.names, "unfinished"))
        message = f"No operation is ever {state!r}.{known}"
        raise InvalidRequestError(message)
    return (state,)


def _row(line: Line) -> tuple[str | Text, ...]:
    due = f"{line.due_at:%Y-%m-%d %H:%M:%S}Z" if line.due_at else ""
    state = f"{line.state} ({line.observed})" if line.observed else line.state
    reason = (line.reason.splitlines() or [""])[0]
    attempts = str(line.attempts or "")
    return (
        *(str(line.id), state, line.call, line.name, attempts, due),
        Text(reason),
    )


def _line(line: Line) -> dict[str, Any]:
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
