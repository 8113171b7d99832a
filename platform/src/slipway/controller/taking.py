"""One step of a run, taken: found done, or begun, done, and its end recorded."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slipway.controller.context import Context, Request
from slipway.controller.frozen import thawed
from slipway.controller.orm import Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.pipeline import steps_before
from slipway.controller.store import Store
from slipway.digests import digest_of
from slipway.errors import (
    ConflictError,
    DataQualityError,
    GateError,
    IllegalTransitionError,
    SlipwayError,
    UnavailableError,
)
from slipway.s3.faults import PASSING, AwsError, Fault

#: What rejects a run, where every other error fails it.
_REJECTIONS = (DataQualityError, GateError)
#: What keeps a run from going on, where nothing has failed.
_BLOCKS = frozenset({Fault.AUTH, Fault.QUOTA})
#: How often a row is read again that somebody else changes.
_PATIENCE = 5


@dataclass(frozen=True)
class StepReport:
    """How one step of a run ended."""

    name: str
    #: `succeeded`, `cached`, `failed`, `rejected`, `blocked` or `stopped`.
    outcome: str
    seconds: float
    note: str
    outputs: Outputs = field(default_factory=dict)


def take(context: Context, run: Run, definition: Definition) -> StepReport:
    """Do one step of `run` from its frozen parameters, or find that it was done.

    The caller holds the model's lease. Raises what the step raised, after its row says
    so.
    """
    then, request = thawed(context, run)
    return _Taking(then, request, run).take(definition)


def ending(error: BaseException) -> tuple[str, str]:
    """Return the trigger that an error fires on its step and its run, and the outcome."""
    if isinstance(error, KeyboardInterrupt):
        return "stop", "stopped"
    if isinstance(error, _REJECTIONS):
        return "reject", "rejected"
    if isinstance(error, AwsError) and error.fault in _BLOCKS:
        return "block", "blocked"
    return "fail", "failed"


def is_passing(error: BaseException) -> bool:
    """Tell whether the same may go well later, with nothing changed."""
    if isinstance(error, AwsError):
        return error.fault in PASSING
    return isinstance(error, UnavailableError | ConflictError)


def outputs_before(store: Store, run: Run, name: str) -> Mapping[str, Outputs]:
    """Return the outputs of the steps before one; raise where one is not done."""
    found = {step.name: step for step in store.records.steps(run.run_id)}
    done = {}
    for before in steps_before(run.parameters["pipeline"], name):
        step = found.get(before)
        if step is None or step.state != "succeeded":
            state = step.state if step is not None else "not begun"
            message = (
                f"{name} of run {run.run_id} needs {before}, which is {state}: ask for"
                f" {before} first"
            )
            raise IllegalTransitionError(message)
        done[before] = step.outputs
    return done


def with_digest(task: Task, definition: Definition) -> Task:
    """Return a step with the digest of everything that it reads."""
    read = {
        "step": definition.name,
        "salt": task.request.salt,
        "reads": definition.reads(task),
    }
    return replace(task, digest=digest_of(read))


class _Taking:
    """One step on its way."""

    def __init__(self, context: Context, request: Request, run: Run) -> None:
        self._context = context
        self._request = request
        self._run = run

    def take(self, definition: Definition) -> StepReport:
        self._context.observer.step_began(definition.name)
        began = time.monotonic()
        try:
            return self._done_or_made(definition, began)
        except (SlipwayError, KeyboardInterrupt) as error:
            self._failed(definition.name, error, time.monotonic() - began)
            raise

    def _done_or_made(self, definition: Definition, began: float) -> StepReport:
        name, run = definition.name, self._run
        task = self._task(definition)
        cached = self._context.store.records.cached_step(
            run.model, run.environment, name, task.digest
        )
        if cached is not None and definition.stands(task, cached.outputs):
            self._reuse(cached)
            return self._report(definition, "cached", began, cached.outputs)
        self._begin(name, task.digest)
        outputs = definition.perform(replace(task, again=cached is not None))
        seconds = time.monotonic() - began
        self._fire(name, "succeed", outputs=dict(outputs), seconds=seconds)
        return self._report(definition, "succeeded", began, outputs)

    def _task(self, definition: Definition) -> Task:
        """Return the step with its digest, made of the steps before it."""
        done = outputs_before(self._context.store, self._run, definition.name)
        task = Task(self._context, self._request, self._run.run_id, done)
        return with_digest(task, definition)

    def _begin(self, name: str, digest: str) -> None:
        """Put the step's row to work, and its run's."""
        store, run = self._context.store, self._run
        current = store.records.run(run.run_id) or run
        if current.state != "running":
            store.advance(current, "resume")
        for attempt in range(_PATIENCE):
            try:
                return self._begun(store.records.step(run.run_id, name), name, digest)
            except ConflictError:  # somebody asks for it at the same time
                if attempt + 1 == _PATIENCE:
                    raise
        return None

    def _begun(self, step: Step | None, name: str, digest: str) -> None:
        store, run = self._context.store, self._run
        if step is None:
            made = Step(
                run_id=run.run_id,
                model=run.model,
                environment=run.environment,
                name=name,
                digest=digest,
            )
            store.add(made, "begin")
        elif step.state in {"running", "stopping"}:
            store.amend(step, digest=digest)
        else:
            trigger = "begin" if step.state == "queued" else "retry"
            store.advance(step, trigger, digest=digest, reused_from="", retryable=False)

    def _reuse(self, cached: Step) -> None:
        """Record that the run took the outputs of an equal step, unless it is its own."""
        if cached.run_id == self._run.run_id:
            return
        self._begin(cached.name, cached.digest)
        reason = f"reused from run {cached.run_id}"
        outputs, source = cached.outputs, cached.run_id
        self._fire(cached.name, "succeed", reason, outputs=outputs, reused_from=source)

    def _failed(self, name: str, error: BaseException, seconds: float) -> None:
        trigger, outcome = ending(error)
        step = self._context.store.records.step(self._run.run_id, name)
        if step is not None and step.state == "stopping":
            trigger, outcome = "stop", "stopped"
        if step is not None and step.state in CHARTS["step"].unfinished:
            fired = ("begin", trigger) if step.state == "queued" else (trigger,)
            ended: dict[str, object] = {"retryable": is_passing(error)}
            if isinstance(error, GateError):
                ended["outputs"] = {"missed": list(error.missed)}
            self._fire(name, fired, str(error), seconds=seconds, **ended)
        self._context.observer.step_ended(name, outcome, seconds, str(error))

    def _fire(
        self,
        name: str,
        triggers: str | tuple[str, ...],
        reason: str = "",
        **columns: object,
    ) -> None:
        """Move the step's row, which somebody may be asking to stop meanwhile."""
        store = self._context.store
        for attempt in range(_PATIENCE):
            step = store.records.step(self._run.run_id, name)
            if step is None:
                return
            try:
                store.advance(step, triggers, reason, **columns)
            except ConflictError:
                if attempt + 1 == _PATIENCE:
                    raise
            else:
                return

    def _report(
        self, definition: Definition, outcome: str, began: float, outputs: Outputs
    ) -> StepReport:
        name, seconds = definition.name, time.monotonic() - began
        note = definition.note(outputs)
        self._context.observer.step_ended(name, outcome, seconds, note)
        return StepReport(name, outcome, seconds, note, outputs)
