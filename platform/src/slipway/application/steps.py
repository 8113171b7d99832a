"""Steps of a run: asked for, looked at, stopped, read."""

from slipway.application.requests import LogsAsked, StepAsked, StepNamed
from slipway.application.views import LogEvent, LogView, OperationView, StepView
from slipway.application.workspace import Workspace
from slipway.controller.frozen import check_frozen
from slipway.controller.orm import Operation, Run, Step
from slipway.controller.steps.pipeline import step_of
from slipway.controller.stopping import stop_left_step
from slipway.controller.taking import outputs_before
from slipway.errors import ConflictError, NotFoundError
from slipway.sagemaker.resources import RESOURCES

#: A step that somebody is at, or that waits for somebody.
UNDER_WAY = ("queued", "running", "stopping")
#: What is attached to when it is asked for, not begun.
_ATTACHED = (*UNDER_WAY, "succeeded")
#: What a step is stopped by: where its job may run, the job is stopped first.
_STOPPED_BY = {
    "queued": ("stop",),
    "running": ("ask_stop",),
    "blocked": ("stop",),
    "stuck": ("retry", "ask_stop"),
}
#: How often a row is read again that somebody else changes.
_PATIENCE = 10


def known_run(workspace: Workspace, run_id: str) -> Run:
    """Return a run of the workspace's environment, or raise NotFoundError."""
    run = workspace.store.records.run(run_id)
    environment = workspace.settings.environment.name
    if run is None or run.environment != environment:
        message = (
            f"There is no run {run_id!r} in {environment!r}. See them: GET /v1/runs"
        )
        raise NotFoundError(message)
    return run


def ask_step(workspace: Workspace, asked: StepAsked) -> StepView:
    """Ask that a step be done; one that is under way or done is attached to.

    One that ended badly is begun again when its caller's `attempt` is a greater one, or
    none is given.
    """
    run = known_run(workspace, asked.run_id)
    check_frozen(run)
    step_of(run.parameters["pipeline"], asked.step)
    outputs_before(workspace.store, run, asked.step)
    for _ in range(_PATIENCE):
        try:
            return step_view(workspace, _asked(workspace, run, asked))
        except ConflictError:  # somebody else asked, or a worker took it
            run = known_run(workspace, asked.run_id)
    message = f"{asked.step} of run {asked.run_id} is changed by others: ask again"
    raise ConflictError(message)


def show_step(workspace: Workspace, asked: StepNamed) -> StepView:
    """Return how a step stands."""
    run = known_run(workspace, asked.run_id)
    return step_view(workspace, _known_step(workspace, run, asked.step))


def stop_step(workspace: Workspace, asked: StepNamed) -> StepView:
    """Stop a step's job; one that has ended stays as it ended."""
    run = known_run(workspace, asked.run_id)
    step = _known_step(workspace, run, asked.step)
    for _ in range(_PATIENCE):
        try:
            if step.state in _STOPPED_BY:
                fired = _STOPPED_BY[step.state]
                step = workspace.store.advance(step, fired, "stopped by hand")
        except ConflictError:
            step = _known_step(workspace, run, asked.step)
            continue
        if step.state == "stopping" and not step.attempt:  # no worker is at it
            stop_left_step(workspace.context_of(run), run, step.name)
        break
    return step_view(workspace, _known_step(workspace, run, asked.step))


def read_logs(workspace: Workspace, asked: LogsAsked) -> LogView:
    """Return what a step's job wrote since the last reading.

    A token is a moment, and how many lines of that moment were read.
    """
    run = known_run(workspace, asked.run_id)
    step = _known_step(workspace, run, asked.step)
    operation = _operation(workspace, step)
    group = RESOURCES[operation.resource].log_group if operation else None
    if operation is None or group is None:
        return LogView(events=[], next_token=asked.token)
    moment, _, count = (asked.token or "0.0").partition(".")
    since, read = int(moment), int(count)
    known, shown = 0, list[LogEvent]()
    for at, text in workspace.gateway.log_events(group, operation.name, since):
        if at == since and known < read:
            known += 1
            continue
        shown.append(LogEvent(timestamp=at, message=text))
        if len(shown) == asked.limit:
            break
    if not shown:
        return LogView(events=[], next_token=asked.token)
    last = shown[-1].timestamp
    of_last = sum(1 for event in shown if event.timestamp == last)
    known = known if last == since else 0
    return LogView(events=shown, next_token=f"{last}.{known + of_last}")


def step_view(workspace: Workspace, step: Step) -> StepView:
    """Return a step as it is answered."""
    operation = _operation(workspace, step)
    cached = step.state == "succeeded" and step.reused_from
    here = f"/v1/runs/{step.run_id}/steps/{step.name}"
    return StepView(
        run_id=step.run_id,
        name=step.name,
        state=step.state,
        outcome="cached" if cached else step.state,
        reason=step.reason,
        retryable=step.retryable,
        ended=step.state not in UNDER_WAY,
        attempt=step.attempt,
        outputs=step.outputs,
        seconds=step.seconds,
        operation=OperationView.model_validate(operation) if operation else None,
        links={"self": here, "run": f"/v1/runs/{step.run_id}", "logs": f"{here}/logs"},
    )


def _asked(workspace: Workspace, run: Run, asked: StepAsked) -> Step:
    """Return the step, written as asked for unless it is to be attached to."""
    store = workspace.store
    step = store.records.step(run.run_id, asked.step)
    attempt = asked.attempt or (step.attempt + 1 if step else 1)
    if step is not None and step.state in _ATTACHED:
        given_up = step.attempt == 0 and step.state in UNDER_WAY
        return store.amend(step, attempt=attempt) if given_up else step
    if step is not None and attempt <= step.attempt:
        return step
    if run.state != "running":
        store.advance(run, "resume", f"{asked.step} was asked for")
    if step is not None:
        return store.advance(step, "ask", attempt=attempt, retryable=False)
    made = Step(
        run_id=run.run_id,
        model=run.model,
        environment=run.environment,
        name=asked.step,
        attempt=attempt,
    )
    return store.add(made)


def _known_step(workspace: Workspace, run: Run, name: str) -> Step:
    step_of(run.parameters.get("pipeline", "training"), name)
    step = workspace.store.records.step(run.run_id, name)
    if step is None:
        message = (
            f"{name} of run {run.run_id} was never asked for. Ask for it: POST"
            f" /v1/runs/{run.run_id}/steps/{name}"
        )
        raise NotFoundError(message)
    return step


def _operation(workspace: Workspace, step: Step) -> Operation | None:
    """Return the last operation of the step, in the run that did it."""
    run_id = step.reused_from or step.run_id
    found = workspace.store.records.operations(run_id)
    own = [o for o in found if o.key.rsplit("/", 2)[-2] == step.name]
    return own[-1] if own else None
