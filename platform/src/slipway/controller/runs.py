"""Runs: a pipeline taken from where it was left to its end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.controller.context import Context, Request
from slipway.controller.orm import Run, Step
from slipway.controller.preflight import check_instances
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.digests import digest_of
from slipway.errors import (
    DataQualityError,
    GateError,
    InterruptedRunError,
    SlipwayError,
)
from slipway.sagemaker.errors import Fault, SageMakerError

#: What rejects a run, where every other error fails it.
_REJECTIONS = (DataQualityError, GateError)
#: What keeps a run from going on, where nothing has failed.
_BLOCKS = frozenset({Fault.AUTH, Fault.QUOTA})


@dataclass(frozen=True)
class StepReport:
    """How one step of a run ended."""

    name: str
    #: `succeeded`, `cached`, `failed`, `rejected`, `blocked` or `stopped`.
    outcome: str
    seconds: float
    note: str
    outputs: Outputs = field(default_factory=dict)


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    run_id: str
    steps: tuple[StepReport, ...]

    def step(self, name: str) -> StepReport:
        """Return the report of the step called `name`."""
        return next(report for report in self.steps if report.name == name)


def execute(
    context: Context, request: Request, pipeline: Sequence[Definition]
) -> RunReport:
    """Take a run through `pipeline`; steps that succeeded before are not done again.

    The same context and request name the same run: it goes on where it ended, and where
    all of it was done, nothing is written. Raises what the failing step raised, after
    the run says so.
    """
    execution = _Execution(context, request)
    try:
        for definition in pipeline:
            execution.take(definition)
    except KeyboardInterrupt as error:
        execution.end("stop", "interrupted")
        raise InterruptedRunError(_interrupted(execution.run, request)) from error
    except SlipwayError as error:
        execution.end(_ending(error)[0], str(error))
        raise
    if execution.run.state == "running":
        execution.end("succeed")
    return RunReport(execution.run.run_id, tuple(execution.reports))


class _Execution:
    """One pass over a run."""

    def __init__(self, context: Context, request: Request) -> None:
        self._context = context
        self._request = request
        self.run = _open(context, request)
        self.reports: list[StepReport] = []

    def take(self, definition: Definition) -> None:
        """Do one step, or find that it was done."""
        name, context = definition.name, self._context
        context.observer.step_began(name)
        began = time.monotonic()
        task = self._task(definition)
        cached = context.store.records.cached_step(
            self.run.model, self.run.environment, name, task.digest
        )
        if cached is not None and definition.stands(task, cached.outputs):
            if cached.run_id != self.run.run_id:
                self._reuse(cached)
            self._report(definition, "cached", began, cached.outputs)
            return
        step = self._begin(name, task.digest)
        try:
            outputs = definition.perform(replace(task, again=cached is not None))
        except (SlipwayError, KeyboardInterrupt) as error:
            self._fail(step, error, time.monotonic() - began)
            raise
        seconds = time.monotonic() - began
        context.store.advance(step, "succeed", outputs=dict(outputs), seconds=seconds)
        self._report(definition, "succeeded", began, outputs)

    def end(self, trigger: str, reason: str = "") -> None:
        """Record how the run ended."""
        self._work()
        self.run = self._context.store.advance(self.run, trigger, reason)

    def _task(self, definition: Definition) -> Task:
        done = {report.name: report.outputs for report in self.reports}
        task = Task(self._context, self._request, self.run.run_id, done)
        read = {
            "step": definition.name,
            "salt": self._request.salt,
            "reads": definition.reads(task),
        }
        return replace(task, digest=digest_of(read))

    def _work(self) -> None:
        """Put the run back to work, if it had ended."""
        if self.run.state != "running":
            self.run = self._context.store.advance(self.run, "resume")

    def _begin(self, name: str, digest: str) -> Step:
        """Return the step's row, running."""
        self._work()
        store = self._context.store
        step = store.records.step(self.run.run_id, name)
        if step is None:
            return store.add(
                Step(
                    run_id=self.run.run_id,
                    model=self.run.model,
                    environment=self.run.environment,
                    name=name,
                    digest=digest,
                )
            )
        if step.state != "running":
            return store.advance(step, "retry", digest=digest, reused_from="")
        return store.amend(step, digest=digest)

    def _reuse(self, cached: Step) -> None:
        """Record that the run took the outputs of an equal step."""
        step = self._begin(cached.name, cached.digest)
        self._context.store.advance(
            step,
            "succeed",
            f"reused from run {cached.run_id}",
            outputs=cached.outputs,
            reused_from=cached.run_id,
        )

    def _fail(self, step: Step, error: BaseException, seconds: float) -> None:
        trigger, outcome = _ending(error)
        self._context.store.advance(step, trigger, str(error), seconds=seconds)
        self._context.observer.step_ended(step.name, outcome, seconds, str(error))

    def _report(
        self, definition: Definition, outcome: str, began: float, outputs: Outputs
    ) -> None:
        name, seconds = definition.name, time.monotonic() - began
        note = definition.note(outputs)
        self._context.observer.step_ended(name, outcome, seconds, note)
        self.reports.append(StepReport(name, outcome, seconds, note, outputs))


def _open(context: Context, request: Request) -> Run:
    """Return the run of this request: a new one, or the one that was left."""
    store, frozen = context.store, _frozen(context, request)
    run_id = f"{request.run_date:%Y%m%d}-{digest_of(frozen).rpartition(':')[2][:10]}"
    run = store.records.run(run_id)
    if run is None:
        check_instances(context)
        run = store.add(
            Run(
                run_id=run_id,
                model=context.spec.name,
                environment=context.settings.environment.name,
                run_date=request.run_date,
                parameters=frozen,
            )
        )
        context.objects.write_json(context.layout.run(run_id) / "run.json", frozen)
    return run


def _frozen(context: Context, request: Request) -> dict[str, Any]:
    """Return everything that a run is: what differs here is another run."""
    return {
        "model": context.spec.name,
        "environment": context.settings.environment.name,
        "run_date": request.run_date.isoformat(),
        "parameters": dict(request.parameters),
        "spec": context.spec.model_dump(mode="json"),
        "image_uri": request.image.uri,
        "salt": request.salt,
    }


def _ending(error: BaseException) -> tuple[str, str]:
    if isinstance(error, KeyboardInterrupt):
        return "stop", "stopped"
    if isinstance(error, _REJECTIONS):
        return "reject", "rejected"
    if isinstance(error, SageMakerError) and error.fault in _BLOCKS:
        return "block", "blocked"
    return "fail", "failed"


def _interrupted(run: Run, request: Request) -> str:
    again = (
        "With --force the next command begins anew"
        if request.salt
        else "The same command goes on from the step it was at"
    )
    return f"Interrupted: run {run.run_id} is stopped, and so is its job. {again}"
