"""One step of a run, taken: found done, or begun, done, and its end recorded."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slipway.controller.claims import Waiting, claimed, telling
from slipway.controller.context import Context, Request
from slipway.controller.frozen import thawed
from slipway.controller.orm import Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.states.pipeline import RETIRED
from slipway.controller.steps.definition import Definition, Moves, Outputs, Task
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
#: What puts a step to work first that fails before it is begun.
_BEGUN_BY = {"queued": ("begin",), "blocked": ("retry",), "stuck": ("retry",)}
#: How often a row is read again that somebody else changes.
_PATIENCE = 5
#: What a step waits for, by what it moves.
_WAITS = {
    Moves.NOTHING: "another run does the same {step}",
    Moves.VERSIONS: "another run registers a version of {model}",
    Moves.SERVING: "another command changes what serves {model}",
}


@dataclass(frozen=True)
class StepReport:
    """How one step of a run ended."""

    name: str
    #: `succeeded`, `cached`, `failed`, `rejected`, `blocked` or `stopped`.
    outcome: str
    seconds: float
    note: str
    outputs: Outputs = field(default_factory=dict)


def take(
    context: Context,
    run: Run,
    definition: Definition,
    waiting: Waiting | None = None,
) -> StepReport:
    """Do one step of `run` from its frozen parameters, or find that it was done.

    The caller holds the run. Where another run does the same, or moves what this step
    moves, `waiting` is asked at each look at its lease; None: the observer is told.
    Raises what the step raised, after its row says so.
    """
    then, request = thawed(context, run)
    why = _WAITS[definition.moves].format(step=definition.name, model=run.model)
    tell = waiting or telling(context, why)
    return _Taking(then, request, run, tell).take(definition)


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


def _source(step: Step) -> str:
    """Return the run that wrote a step's outputs."""
    return step.reused_from or step.run_id


class _Taking:
    """One step on its way."""

    def __init__(
        self, context: Context, request: Request, run: Run, waiting: Waiting
    ) -> None:
        self._context = context
        self._request = request
        self._run = run
        self._waiting = waiting

    def take(self, definition: Definition) -> StepReport:
        self._context.observer.step_began(definition.name)
        began = time.monotonic()
        try:
            return self._done_or_made(definition, began)
        except (SlipwayError, KeyboardInterrupt) as error:
            self._failed(definition.name, error, time.monotonic() - began)
            raise

    def _done_or_made(self, definition: Definition, began: float) -> StepReport:
        task = self._task(definition)
        found, _lost = self._look(definition, task)
        if found is None:
            with claimed(task, definition, self._waiting) as mine:
                found, lost = self._look(definition, mine)  # it may be done by now
                if found is None:
                    outputs = self._make(definition, replace(mine, again=lost), began)
                    return self._report(definition, "succeeded", began, outputs)
        self._reuse(found)
        return self._report(definition, "cached", began, found.outputs)

    def _look(self, definition: Definition, task: Task) -> tuple[Step | None, bool]:
        """Return the equal step whose outputs stand, and whether those of one are lost."""
        cached = self._context.store.records.cached_step(
            self._run.model, self._run.environment, definition.name, task.digest
        )
        if cached is None:
            return None, False
        if not self._is_retired(cached) and definition.stands(task, cached.outputs):
            return cached, False
        return None, True

    def _is_retired(self, cached: Step) -> bool:
        """Tell whether what a step wrote may be deleted any moment."""
        source = self._context.store.records.run(_source(cached))
        return source is not None and source.state == RETIRED

    def _make(self, definition: Definition, task: Task, began: float) -> Outputs:
        """Do the step, and record its end."""
        self._begin(definition.name, task.digest)
        outputs = definition.perform(task)
        seconds = time.monotonic() - began
        self._fire(definition.name, "succeed", outputs=dict(outputs), seconds=seconds)
        return outputs

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
        reason = f"reused from run {_source(cached)}"
        outputs, source = cached.outputs, _source(cached)
        self._fire(cached.name, "succeed", reason, outputs=outputs, reused_from=source)

    def _failed(self, name: str, error: BaseException, seconds: float) -> None:
        trigger, outcome = ending(error)
        step = self._context.store.records.step(self._run.run_id, name)
        if step is not None and step.state == "stopping":
            trigger, outcome = "stop", "stopped"
        if step is not None and step.state in CHARTS["step"].unfinished:
            fired = (*_BEGUN_BY.get(step.state, ()), trigger)
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
