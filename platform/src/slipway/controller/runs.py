"""Runs: a pipeline taken from where it was left to its end."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.controller.context import Context, Request
from slipway.controller.orm import Run, Step
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.digests import digest_of
from slipway.errors import (
    DataQualityError,
    GateError,
    InterruptedRunError,
    SlipwayError,
)

#: Which trigger an error fires on the step and its run.
_REJECTIONS = (DataQualityError, GateError)


@dataclass(frozen=True)
class StepReport:
    """How one step of a run ended."""

    name: str
    #: `succeeded`, `cached`, `failed`, `rejected` or `stopped`.
    outcome: str
    seconds: float
    note: str
    outputs: Outputs = field(default_factory=dict)


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    run_id: str
    steps: tuple[StepReport, ...]

    def outputs(self, step: str) -> Mapping[str, Any]:
        """Return what `step` wrote."""
        return next(report.outputs for report in self.steps if report.name == step)


def execute(
    context: Context, request: Request, pipeline: Sequence[Definition]
) -> RunReport:
    """Take a run through `pipeline`; steps that succeeded before are not done again.

    The same context and request name the same run: it goes on where it ended. Raises
    what the failing step raised, after the run says so.
    """
    run = _open(context, request)
    done: dict[str, Outputs] = {}
    reports: list[StepReport] = []
    try:
        for definition in pipeline:
            report = _take(context, request, run, definition, done)
            done[definition.name] = report.outputs
            reports.append(report)
    except KeyboardInterrupt as error:
        context.store.advance(run, "stop", "interrupted")
        message = (
            f"Interrupted: run {run.run_id} is stopped, and so is its job."
            " The same command goes on from the step it was at"
        )
        raise InterruptedRunError(message) from error
    except SlipwayError as error:
        trigger = "reject" if isinstance(error, _REJECTIONS) else "fail"
        context.store.advance(run, trigger, str(error))
        raise
    context.store.advance(run, "succeed")
    return RunReport(run.run_id, tuple(reports))


def _open(context: Context, request: Request) -> Run:
    """Return the run of this request: a new one, or the one that was left."""
    store, frozen = context.store, _frozen(context, request)
    run_id = f"{request.run_date:%Y%m%d}-{digest_of(frozen).rpartition(':')[2][:10]}"
    run = store.records.run(run_id)
    if run is None:
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
    elif run.state != "running":
        run = store.advance(run, "resume")
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


def _take(
    context: Context,
    request: Request,
    run: Run,
    definition: Definition,
    done: Mapping[str, Outputs],
) -> StepReport:
    """Do one step, or find that it was done."""
    name = definition.name
    context.observer.step_began(name)
    began = time.monotonic()
    task = Task(context, request, run.run_id, done)
    digest = digest_of({"step": name, "salt": request.salt, **_read(definition, task)})
    task = replace(task, digest=digest)
    cached = context.store.records.cached_step(run.model, run.environment, name, digest)
    if cached is not None and definition.stands(task, cached.outputs):
        _reuse(context, run, cached)
        return _report(context, definition, "cached", began, cached.outputs)
    step = _begin(context, run, name, digest)
    task = replace(task, again=cached is not None)
    try:
        outputs = definition.perform(task)
    except (SlipwayError, KeyboardInterrupt) as error:
        trigger, outcome = _ending(error)
        seconds = time.monotonic() - began
        context.store.advance(step, trigger, str(error), seconds=seconds)
        context.observer.step_ended(name, outcome, seconds, str(error))
        raise
    seconds = time.monotonic() - began
    context.store.advance(step, "succeed", outputs=dict(outputs), seconds=seconds)
    outcome = "succeeded" if outputs.get("changed", True) else "cached"
    return _report(context, definition, outcome, began, outputs)


def _read(definition: Definition, task: Task) -> dict[str, object]:
    return {"reads": definition.reads(task)}


def _ending(error: BaseException) -> tuple[str, str]:
    if isinstance(error, KeyboardInterrupt):
        return "stop", "stopped"
    if isinstance(error, _REJECTIONS):
        return "reject", "rejected"
    return "fail", "failed"


def _begin(context: Context, run: Run, name: str, digest: str) -> Step:
    """Return the step's row, running."""
    step = context.store.records.step(run.run_id, name)
    if step is None:
        return context.store.add(
            Step(
                run_id=run.run_id,
                model=run.model,
                environment=run.environment,
                name=name,
                digest=digest,
            )
        )
    if step.state != "running":
        return context.store.advance(step, "retry", digest=digest, reused_from="")
    return step


def _reuse(context: Context, run: Run, cached: Step) -> None:
    """Record that the run took the outputs of an equal step."""
    if cached.run_id == run.run_id:
        return
    step = _begin(context, run, cached.name, cached.digest)
    context.store.advance(
        step,
        "succeed",
        f"reused from run {cached.run_id}",
        outputs=cached.outputs,
        reused_from=cached.run_id,
    )


def _report(
    context: Context,
    definition: Definition,
    outcome: str,
    began: float,
    outputs: Outputs,
) -> StepReport:
    seconds, note = time.monotonic() - began, definition.note(outputs)
    context.observer.step_ended(definition.name, outcome, seconds, note)
    return StepReport(definition.name, outcome, seconds, note, outputs)
