"""Runs: a pipeline taken from where it was left to its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.controller.claims import running
from slipway.controller.context import Context, Request
from slipway.controller.frozen import Opening
from slipway.controller.opening import open_run
from slipway.controller.orm import Run
from slipway.controller.steps.definition import Definition
from slipway.controller.store import Store
from slipway.controller.taking import StepReport, ending, take
from slipway.errors import InterruptedRunError, SlipwayError

_BY_HAND = Opening()


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    run_id: str
    steps: tuple[StepReport, ...]

    def step(self, name: str) -> StepReport:
        """Return the report of the step called `name`."""
        return next(report for report in self.steps if report.name == name)


def execute(
    context: Context,
    request: Request,
    pipeline: Sequence[Definition],
    opening: Opening = _BY_HAND,
) -> RunReport:
    """Take a run through `pipeline`; steps that succeeded before are not done again.

    The same context and request name the same run: it goes on where it ended, and where
    all of it was done, nothing is written. Raises what the failing step raised, after
    the run says so.
    """
    run, _opened = open_run(context, request, opening)
    with running(context, run) as held:
        return _taken(held, request, run, pipeline)


def _taken(
    context: Context, request: Request, run: Run, pipeline: Sequence[Definition]
) -> RunReport:
    reports = []
    try:
        for definition in pipeline:
            reports.append(take(context, run, definition))
    except KeyboardInterrupt as error:
        end_run(context.store, run, "stop", "interrupted")
        raise InterruptedRunError(_interrupted(run, request)) from error
    except SlipwayError as error:
        end_run(context.store, run, ending(error)[0], str(error))
        raise
    end_run(context.store, run, "succeed")
    return RunReport(run.run_id, tuple(reports))


def end_run(store: Store, run: Run, trigger: str, reason: str = "") -> Run:
    """Record how a run ended, unless it was at its end."""
    current = store.records.run(run.run_id) or run
    if (current.state, trigger) == ("succeeded", "succeed"):
        return current
    resumed = () if current.state == "running" else ("resume",)
    return store.advance(current, (*resumed, trigger), reason)


def _interrupted(run: Run, request: Request) -> str:
    again = (
        "With --force the next command begins anew"
        if request.salt
        else "The same command goes on from the step it was at"
    )
    return f"Interrupted: run {run.run_id} is stopped, and so is its job. {again}"
