"""The commands for the local stack and its warehouse: local.up, local.down, warehouse.seed."""

from typing import Any

from invoke.context import Context as Invocation

from slipway.tasks import local_stack
from slipway.tasks.command import ANSWER, PROGRESS, command
from slipway.tasks.launch import ensure_stack
from slipway.tasks.seeding import seed_lake
from slipway.tasks.terminal import Terminal
from slipway.tasks.workspace import Workspace


@command()
def up(
    _invocation: Invocation,
    json: bool = False,
) -> dict[str, Any]:
    """Start the local stack: SageMaker, S3 and the rest of AWS on one port.

    It stays up until `invoke local.down`. SLIPWAY_PORT and SLIPWAY_EXECUTOR (auto,
    docker or process) choose another port, or what runs jobs.
    """
    workspace = Workspace.open("local")
    found, started = local_stack.up(workspace.settings)
    url = workspace.settings.endpoint_url
    if not json:
        state = "started" if started else "was up already"
        ANSWER.print(
            f"The local stack {state}: {url}, jobs run by {found.executor}, process {found.pid}"
        )
    return {
        "endpoint_url": url,
        "executor": found.executor,
        "pid": found.pid,
        "started": started,
    }


@command()
def down(
    _invocation: Invocation,
    json: bool = False,
) -> dict[str, Any]:
    """End the local stack, its jobs and its endpoints. What it stored is kept."""
    ended = local_stack.down(Workspace.open("local").settings)
    if not json:
        ANSWER.print("The local stack is down" if ended else "No local stack was up")
    return {"ended": ended}


@command()
def seed(
    _invocation: Invocation,
    json: bool = False,
) -> dict[str, Any]:
    """Fill the local warehouse with the demo's tables; equal ones are left alone.

    The Wisconsin diagnostic breast cancer data, as scikit-learn ships it: measurements,
    and diagnoses with a date.
    """
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        ensure_stack(workspace.settings, terminal)
    tables = seed_lake(workspace)
    if not json:
        for table in tables:
            state = "written" if table.written else "there already"
            ANSWER.print(f"{table.name}: {table.rows} rows, {state}")
    return {"tables": [vars(table) for table in tables]}
