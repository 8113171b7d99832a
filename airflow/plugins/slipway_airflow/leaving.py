"""What is done for a task that somebody gave up: its job is stopped, its run may end."""

import asyncio

from slipway_airflow import calls
from slipway_airflow.client import Address, ask_async
from slipway_airflow.pauses import FIRST, pauses
from slipway_airflow.problems import ControllerError

#: What the controller answers of a step that was never asked for, or is none of its own.
_NO_STEP = "not_found"


async def give_up(address: Address, run_id: str, step: str, state: str) -> None:
    """Stop the job of a task that has this state now; a failed one ends its run too."""
    await _stop(address, run_id, step)
    if state == "failed":
        reason = f"{step} was marked as failed in Airflow"
        await ask_async(address, calls.end_run(run_id, "failed", reason))


async def _stop(address: Address, run_id: str, step: str) -> None:
    """Return when the step has stopped, or was never begun."""
    try:
        found = await ask_async(address, calls.stop_step(run_id, step))
    except ControllerError as problem:
        if problem.code == _NO_STEP:
            return
        raise
    for pause in pauses(last=FIRST):
        if found["ended"]:
            return
        await asyncio.sleep(pause)
        found = await ask_async(address, calls.read_step(run_id, step))
