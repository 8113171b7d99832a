"""A model moved by a controller that is asked over HTTP: one step after the other."""

import time
from collections.abc import Sequence
from typing import Any

from slipway.application.remote import Remote
from slipway.application.views import RunView, StepView
from slipway.errors import InterruptedRunError, StepFailedError
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.controllers import every
from slipway.tasks.terminal import Terminal

_PAUSE = 0.5


def move(
    remote: Remote, asked: dict[str, Any], steps: Sequence[str], terminal: Terminal
) -> Answer:
    """Open the run that is asked for, and have its steps done; raise where one is not."""
    terminal.say(f"asking {remote.url} …")
    run = remote.ask("run.open", **asked)
    done = []
    for name in steps:
        step = _taken(remote, run, name, terminal)
        terminal.step_ended(name, step.outcome, step.seconds, "")
        if step.state != "succeeded":
            remote.ask("run.end", run_id=run.run_id, state="failed", reason="")
            raise StepFailedError(step.reason)
        done.append(step)
    remote.ask("run.end", run_id=run.run_id, state="succeeded")
    data = {
        "run_id": run.run_id,
        "model": run.model,
        "environment": run.environment,
        "image_uri": run.parameters["image_uri"],
        "steps": [_shown(step) for step in done],
    }
    text = f"Run {run.run_id} of {run.model} succeeded, by {remote.url}"
    return Answer(data, (text,))


def show_status(remote: Remote, models: Sequence[str]) -> Answer:
    """Return how models are, by what a controller says; none named: all of its own."""
    names = models or [view.model for view in every(remote, "model.list")]
    found = {name: remote.ask("model.status", model=name) for name in names}
    data = {
        name: view.model_dump(mode="json", exclude={"model"})
        for name, view in found.items()
    }
    shown = [f"[bold]{name}[/]: {_serving(view)}" for name, view in found.items()]
    return Answer({"models": data}, tuple(shown))


def _taken(remote: Remote, run: RunView, name: str, terminal: Terminal) -> StepView:
    """Ask for a step, and wait for its end; an interruption stops its job."""
    place = {"run_id": run.run_id, "step": name}
    terminal.step_began(name)
    try:
        step: StepView = remote.ask("step.ask", **place)
        while not step.ended:
            time.sleep(_PAUSE)
            step = remote.ask("step.show", **place)
            operation = step.operation
            terminal.step_status(name, operation.observed if operation else step.state)
    except KeyboardInterrupt as error:
        PROGRESS.print(f"stopping {name} …")
        remote.ask("step.stop", **place)
        message = (
            f"Interrupted: {name} of run {run.run_id} is being stopped. The same command"
            " goes on from there"
        )
        raise InterruptedRunError(message) from error
    return step


def _shown(step: StepView) -> dict[str, Any]:
    return {
        "name": step.name,
        "outcome": step.outcome,
        "seconds": round(step.seconds, 3),
        "outputs": step.outputs,
    }


def _serving(view: Any) -> str:
    status = view.endpoint.get("status") or "no endpoint"
    version = view.live_version
    return f"{status}, version {version}" if version else str(status)
