"""The worker of an instance: takes the steps that were asked for, a model at a time."""

import logging
import threading
import time

from slipway.application.workspace import Workspace
from slipway.controller.context import Context
from slipway.controller.exclusive import unless_moving
from slipway.controller.orm import Run, Step
from slipway.controller.steps.pipeline import step_of
from slipway.controller.stopping import stop_step_jobs
from slipway.controller.store.pages import asked_steps
from slipway.controller.taking import take
from slipway.errors import ConflictError, FencedError, SlipwayError

_LOG = logging.getLogger(__name__)
#: Seconds between two looks for steps to take, and for a step to stop.
_PAUSE = 0.5
#: Models that one instance moves at once.
_MODELS = 32


class Worker:
    """Takes steps until its process ends: what it was at, another takes over."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._busy: set[str] = set()

    def start(self) -> None:
        """Take steps from threads of its own, which end with the process."""
        threading.Thread(target=self._run, name="worker", daemon=True).start()

    def _run(self) -> None:
        environment = self._workspace.settings.environment.name
        while True:
            time.sleep(_PAUSE)
            try:
                asked = asked_steps(self._workspace.store.database, environment)
            except SlipwayError as error:
                _LOG.warning("steps_unreadable error=%s", error)
                continue
            for step in asked:
                if step.model not in self._busy and len(self._busy) < _MODELS:
                    self._busy.add(step.model)
                    threading.Thread(
                        target=self._move, args=(step,), name=step.model, daemon=True
                    ).start()

    def _move(self, step: Step) -> None:
        """Take one step, if nobody else moves its model."""
        try:
            run = self._workspace.store.records.run(step.run_id)
            if run is None:
                return
            with unless_moving(self._workspace.context_of(run)) as held:
                if held is not None:
                    take_asked(held, run, step.name)
        except FencedError as error:
            _LOG.warning("step_lost run_id=%s error=%s", step.run_id, error)
        except SlipwayError as error:
            _LOG.warning("step_unwritten step=%s error=%s", step.name, error)
        except Exception:  # noqa: BLE001 - a thread's entry point
            _LOG.exception("step_broken run_id=%s step=%s", step.run_id, step.name)
        finally:
            self._busy.discard(step.model)


def take_asked(held: Context, run: Run, name: str) -> None:
    """Take a step that was asked for, under the model's lease; its row says how it ended."""
    step = held.store.records.step(run.run_id, name)
    if step is None or not step.attempt or step.state not in {"queued", "running"}:
        if step is not None and step.state == "stopping":
            _stop(held, run, step)
        return
    done = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(held, run, name, done), name="stop", daemon=True
    )
    watch.start()
    try:
        take(held, run, step_of(run.parameters["pipeline"], name))
    except FencedError:
        raise
    except SlipwayError as error:
        _LOG.info("step_ended run_id=%s step=%s error=%s", run.run_id, name, error)
    except Exception as error:
        _fail(held, run, name, f"A fault of the platform: {error!r}. See its log")
        raise
    finally:
        done.set()


def _watch(held: Context, run: Run, name: str, done: threading.Event) -> None:
    """Stop the step's jobs when its row says so."""
    while not done.wait(_PAUSE):
        try:
            step = held.store.records.step(run.run_id, name)
            if step is not None and step.state == "stopping":
                stop_step_jobs(held, run, name)
        except SlipwayError as error:  # the next look may go well
            _LOG.warning("stop_delayed step=%s error=%s", name, error)


def _stop(held: Context, run: Run, step: Step) -> None:
    """End a step whose worker died while it was being stopped."""
    stop_step_jobs(held, run, step.name)
    held.store.advance(step, "stop", "stopped by hand")


def _fail(held: Context, run: Run, name: str, reason: str) -> None:
    """Write that a step failed by a fault of ours, wherever it stands."""
    step = held.store.records.step(run.run_id, name)
    if step is None or step.state not in {"queued", "running", "stopping"}:
        return
    fired = ("begin", "fail") if step.state == "queued" else "fail"
    try:
        held.store.advance(step, fired, reason)
    except ConflictError as error:
        _LOG.warning("step_unwritten step=%s error=%s", name, error)
