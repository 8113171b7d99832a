"""What waits for a step's end in the triggerer, with one small object for each task."""

import asyncio
import time
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from slipway_airflow import calls
from slipway_airflow.client import Address, ask_async, find_controller_async
from slipway_airflow.leaving import give_up
from slipway_airflow.pauses import waking_pauses
from slipway_airflow.problems import ControllerError

#: A task in one of these is not coming back by itself: what it waited for is stopped.
_GIVEN_UP = frozenset({"failed", "success", "skipped", "removed", "upstream_failed"})
#: What triggers still do after they were cancelled.
_LEAVING: set[asyncio.Future[None]] = set()


class AskingTrigger(BaseTrigger):
    """Asks the controller again and again, until there is something to tell the task."""

    #: When the task's time is up, in seconds since 1970; None: never.
    ends_at: float | None = None

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: what was waited for, a refusal, or that it took too long.

        A controller that does not answer is asked again until the task's own time-out.
        """
        address = None
        for pause in waking_pauses():
            try:
                address = address or await find_controller_async()
                found = await self._look(address)
            except ControllerError as problem:
                if not problem.retryable:
                    facts = {"message": str(problem), "retryable": False}
                    yield TriggerEvent({"problem": facts})
                    return
                self.log.warning("%s; asking again", problem)
            else:
                if found is not None:
                    yield TriggerEvent(found)
                    return
            if self.ends_at is not None and time.time() > self.ends_at:
                yield TriggerEvent({"late": True})
                return
            await asyncio.sleep(pause)

    @abstractmethod
    async def _look(self, address: Address) -> dict[str, Any] | None:
        """Ask once; return what the task is told, or None while it has to wait."""


class StepTrigger(AskingTrigger):
    """Asks the controller how a step stands until it has ended."""

    def __init__(self, *, run_id: str, step: str, ends_at: float | None = None) -> None:
        super().__init__()
        self.run_id = run_id
        self.step = step
        self.ends_at = ends_at
        #: Where the job's log was read to.
        self._token = ""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer makes this trigger from."""
        kind = type(self)
        fields = {"run_id": self.run_id, "step": self.step, "ends_at": self.ends_at}
        return f"{kind.__module__}.{kind.__qualname__}", fields

    async def _look(self, address: Address) -> dict[str, Any] | None:
        step = await ask_async(address, calls.read_step(self.run_id, self.step))
        self._token = await self._stream(address, self._token)
        return {"step": step} if step["ended"] else None

    async def on_kill(self) -> None:
        """Stop the step's job when the task was given up; a cleared task attaches again.

        The run of a task that was marked as failed ends as well. Airflow calls this when
        somebody marks a waiting task, or clears it, and cancels it in the next second.
        """
        leaving = asyncio.ensure_future(self._leave())
        _LEAVING.add(leaving)  # the event loop itself would forget it
        leaving.add_done_callback(_LEAVING.discard)
        await asyncio.shield(leaving)

    async def _leave(self) -> None:
        """Do what a task's new state asks for."""
        state = await self._task_state()
        if state not in _GIVEN_UP:
            self.log.info("task is %s: %s goes on", state, self.step)
            return
        address = await find_controller_async()
        await give_up(address, self.run_id, self.step, state)
        self.log.info("task is %s: %s is stopped", state, self.step)

    async def _stream(self, address: Address, token: str) -> str:
        """Write what the job wrote since `token` into the task's log; return the next."""
        while True:
            call = calls.read_logs(self.run_id, self.step, token)
            page = await ask_async(address, call)
            for event in page["events"]:
                self.log.info("%s", event["message"])
            after = page["next_token"] or token
            if after == token or not page["events"]:
                return after
            token = after

    async def _task_state(self) -> str:
        """Return the state that the task has now."""
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

        ti = self.task_instance
        states = await sync_to_async(RuntimeTaskInstance.get_task_states)(
            dag_id=ti.dag_id,
            task_ids=[ti.task_id],
            run_ids=[ti.run_id],
        )
        found = states.get(ti.run_id, {}).get(ti.task_id)
        return str(getattr(found, "value", found))
