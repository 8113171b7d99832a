"""Tasks run without a scheduler: what Airflow gives them, and what they do with it."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from slipway_airflow.operators import OpenRun, Step

DAY = datetime(2026, 1, 31, tzinfo=UTC)


def context(run_id=None, try_number=1, **params):
    """What Airflow gives a task, as far as the operators look."""
    dag_run = SimpleNamespace(
        dag_id="tumor_malignancy.training",
        run_id="scheduled__1",
        run_type="scheduled",
        logical_date=DAY,
        run_after=DAY,
        data_interval_start=DAY,
        data_interval_end=DAY,
    )
    ti = SimpleNamespace(
        try_number=try_number, max_tries=1, xcom_pull=lambda **_: run_id
    )
    return {"dag_run": dag_run, "ti": ti, "params": params, "outlet_events": {}}


def step(name="train"):
    return Step(task_id=name, retries=1, execution_timeout=timedelta(hours=1))


def deferred(task, asked):
    """Run the task until it waits, and return its trigger."""
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - no Exception
        type(task).execute.__wrapped__(task, asked)
    if not hasattr(raised.value, "trigger"):
        raise raised.value
    return raised.value.trigger


def run(task, asked):
    return type(task).execute.__wrapped__(task, asked)


def event_of(trigger):
    """Run the trigger to its event."""

    async def first():
        async for event in trigger.run():
            return event.payload
        return None

    return asyncio.run(first())


def opened():
    """Open a run, and return its id."""
    return run(OpenRun(task_id="open_run", spec_digest="sha256:1"), context())
