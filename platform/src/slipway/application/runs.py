"""Runs: listed, looked at, ended."""

from slipway.application.listing import listed
from slipway.application.pages import RunPageAsked
from slipway.application.requests import RunEnded, RunNamed
from slipway.application.steps import known_run, step_view
from slipway.application.views import Page, RunView
from slipway.application.workspace import Workspace
from slipway.controller.orm import Run
from slipway.controller.runs import end_run
from slipway.controller.versions import numbered
from slipway.errors import IllegalTransitionError


def list_runs(workspace: Workspace, asked: RunPageAsked) -> Page[RunView]:
    """Return runs, the newest first."""
    return listed(workspace, asked, Run, lambda run: run_view(workspace, run))


def show_run(workspace: Workspace, asked: RunNamed) -> RunView:
    """Return a run with its steps."""
    return run_view(workspace, known_run(workspace, asked.run_id))


def end_asked_run(workspace: Workspace, asked: RunEnded) -> RunView:
    """Say how a run ended; its steps and its version tell failed from rejected."""
    run = known_run(workspace, asked.run_id)
    steps = workspace.store.records.steps(run.run_id)
    under_way = [s.name for s in steps if s.state in {"queued", "running", "stopping"}]
    if under_way:
        message = (
            f"Run {run.run_id} cannot end: {', '.join(under_way)} is under way. Wait for"
            " it, or stop it"
        )
        raise IllegalTransitionError(message)
    states = {step.state for step in steps}
    trigger = "succeed" if asked.state == "succeeded" else "fail"
    if trigger == "succeed" and states - {"succeeded"}:
        bad = [f"{s.name} {s.state}" for s in steps if s.state != "succeeded"]
        message = f"Run {run.run_id} cannot succeed: {', '.join(bad)}. End it as failed"
        raise IllegalTransitionError(message)
    if trigger == "fail" and ("rejected" in states or _refused(workspace, run)):
        trigger = "reject"
    if run.state in {"failed", "rejected"} and trigger != "succeed":
        return run_view(workspace, run)
    ended = end_run(workspace.store, run, trigger, asked.reason)
    return run_view(workspace, ended)


def _refused(workspace: Workspace, run: Run) -> bool:
    """Tell whether a person refused the version that the run registered."""
    step = workspace.store.records.step(run.run_id, "register")
    if step is None or step.state != "succeeded":
        return False
    number = step.outputs["version"]
    found = numbered(workspace.store.records, run.model, run.environment, number)
    return found.state == "rejected"


def run_view(workspace: Workspace, run: Run) -> RunView:
    """Return a run as it is answered."""
    steps = workspace.store.records.steps(run.run_id)
    return RunView(
        run_id=run.run_id,
        key=run.key,
        model=run.model,
        environment=run.environment,
        pipeline=run.parameters.get("pipeline", "training"),
        state=run.state,
        reason=run.reason,
        run_date=run.run_date,
        parameters=run.parameters,
        steps=[step_view(workspace, step) for step in steps],
        created_at=run.created_at,
        changed_at=run.changed_at,
    )
