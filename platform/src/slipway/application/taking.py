"""A step that was asked for, taken by a worker."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from slipway.application.run_image import in_image
from slipway.controller.context import Context
from slipway.controller.orm import Run, Step
from slipway.controller.steps.pipeline import step_of
from slipway.controller.stopping import stop_step_jobs
from slipway.controller.taking import take
from slipway.errors import ConflictError, FencedError, SlipwayError

_LOG = logging.getLogger(__name__)
#: Seconds between two looks for a step to stop.
_PAUSE = 0.5
#: A step in any other state waits for no worker.
_WANTED = ("queued", "running")


def take_asked(
    held: Context, run: Run, name: str, make_image: Callable[[], None]
) -> None:
    """Take a step that was asked for, by who holds its run; its row says how it ended."""
    step = held.store.records.step(run.run_id, name)
    if step is None or not step.attempt or step.state not in _WANTED:
        if step is not None and step.state == "stopping":
            _stop(held, run, step)
        return
    done = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(held, run, name, done), name="stop", daemon=True
    )
    watch.start()
    stopped = partial(_is_stopped, held, run, name)
    try:
        definition = step_of(run.parameters["pipeline"], name)
        work = in_image(definition, make_image, stopped)
        take(held, run, work, lambda _seen: _check_wanted(held, run, name))
    except FencedError:
        raise
    except _UnwantedError:
        _LOG.info("step_let_go run_id=%s step=%s", run.run_id, name)
    except SlipwayError as error:
        _LOG.info("step_ended run_id=%s step=%s error=%s", run.run_id, name, error)
    except Exception as error:
        _fail(held, run, name, f"A fault of the platform: {error!r}. See its log")
        raise
    finally:
        done.set()


class _UnwantedError(Exception):
    """A step was stopped while it waited for another run's."""


def _check_wanted(held: Context, run: Run, name: str) -> None:
    """Let go of a step that somebody stopped while it waits."""
    step = held.store.records.step(run.run_id, name)
    if step is None or step.state not in _WANTED:
        raise _UnwantedError


def _watch(held: Context, run: Run, name: str, done: threading.Event) -> None:
    """Stop the step's jobs when its row says so."""
    while not done.wait(_PAUSE):
        try:
            if _is_stopped(held, run, name):
                stop_step_jobs(held, run, name)
        except SlipwayError as error:  # the next look may go well
            _LOG.warning("stop_delayed step=%s error=%s", name, error)


def _is_stopped(held: Context, run: Run, name: str) -> bool:
    step = held.store.records.step(run.run_id, name)
    return step is not None and step.state == "stopping"


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
