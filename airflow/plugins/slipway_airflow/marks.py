"""What a person's mark on a task does: Airflow tells it in the process of its API.

A trigger is told too, once the triggerer has begun with it, and from Airflow 3.3 on; what
both of them ask for is done once.
"""

import asyncio
import logging
from threading import Thread
from typing import Any

from airflow.listeners import hookimpl

#: The operators whose tasks are steps of a run.
_OURS = frozenset({"Step", "Approval"})
_log = logging.getLogger(__name__)


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: Any) -> None:
    """Stop the job of a task that somebody marked as failed, and end its run."""
    _leave(previous_state, task_instance, "failed")


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: Any) -> None:
    """Stop the job of a task that somebody marked as successful."""
    _leave(previous_state, task_instance, "success")


@hookimpl
def on_task_instance_skipped(previous_state: Any, task_instance: Any) -> None:
    """Stop the job of a task that somebody marked as skipped."""
    _leave(previous_state, task_instance, "skipped")


def _leave(previous_state: Any, ti: Any, state: str) -> None:
    """Begin to leave a task; a state that no person gave it has one before it."""
    if previous_state is not None or ti.operator not in _OURS:
        return
    asked = (ti.dag_id, ti.run_id, ti.task_id, state)
    # whoever marked it waits for the page: a job takes its time to stop
    Thread(target=_give_up, args=asked, daemon=True).start()


def _give_up(dag_id: str, run_id: str, step: str, state: str) -> None:
    from slipway_airflow.problems import ControllerError

    try:
        asyncio.run(_give_up_run(dag_id, run_id, step, state))
    except ControllerError as problem:
        _log.warning("%s of %s is not stopped: %s", step, run_id, problem)


async def _give_up_run(dag_id: str, run_id: str, step: str, state: str) -> None:
    """Give up the step in the controller's run of the DAG run, if it has one."""
    from slipway_airflow import calls
    from slipway_airflow.client import ask_async, close_client, find_controller_async
    from slipway_airflow.leaving import give_up
    from slipway_airflow.opening import run_key

    try:
        address = await find_controller_async()
        found = await ask_async(address, calls.find_run(run_key(dag_id, run_id)))
        for run in found["items"]:
            await give_up(address, run["run_id"], step, state)
    finally:
        await close_client()
