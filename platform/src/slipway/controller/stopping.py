"""Jobs under way, stopped by hand."""

from dataclasses import replace

from slipway.controller.claims import unless_running
from slipway.controller.context import Context
from slipway.controller.orm import Run
from slipway.controller.states import CHARTS
from slipway.controller.store import Store
from slipway.sagemaker.resources import RESOURCES

_REASON = "stopped by hand"
#: How many of the last runs are looked at for one that nobody works on any more.
_RUNS = 10


def stop_operations(context: Context) -> list[str]:
    """Stop every job of the model that is under way; return their names.

    A run that still says `running` though its command is gone is stopped as well; a
    command that is there sees its job stop, and says so itself.
    """
    stopped = []
    found = context.store.records.unfinished_operations(
        context.spec.name, context.settings.environment.name
    )
    for operation in found:
        if RESOURCES[operation.resource].stop is not None:
            context.ledger("stop").stop(operation)
            stopped.append(operation.name)
    _stop_abandoned_runs(context)
    return stopped


def stop_step_jobs(context: Context, run: Run, step: str) -> None:
    """Stop the jobs of one step of a run that are under way, and wait until they have.

    It waits for no lease: whoever follows the job sees it stop.
    """
    context = replace(context, store=context.store.unfenced())
    for operation in context.store.records.operations(run.run_id):
        is_own = operation.key.rsplit("/", 2)[-2] == step
        unfinished = operation.state in CHARTS["operation"].unfinished
        if is_own and unfinished and RESOURCES[operation.resource].stop is not None:
            context.ledger("stop").stop(operation)


def stop_left_step(context: Context, run: Run, step: str) -> None:
    """Stop the jobs of a step that a command was at; end it if that command is gone.

    A command that is there sees its job stop, and says so itself.
    """
    stop_step_jobs(context, run, step)
    with unless_running(context, run) as held:
        if held is not None:
            row = held.store.records.step(run.run_id, step)
            if row is not None and row.state == "stopping":
                held.store.advance(row, "stop", _REASON)


def _stop_abandoned_runs(context: Context) -> None:
    store, model = context.store, context.spec.name
    environment = context.settings.environment.name
    for run in store.records.latest_runs(model, environment, _RUNS):
        if run.state in CHARTS["run"].unfinished:
            with unless_running(context, run) as held:
                if held is not None:
                    _stop_run(held.store, run.run_id)


def _stop_run(store: Store, run_id: str) -> None:
    run = store.records.run(run_id)
    if run is None or run.state not in CHARTS["run"].unfinished:
        return  # its command ended it a moment ago
    for step in store.records.steps(run.run_id):
        if step.state in CHARTS["step"].unfinished:
            store.advance(step, "stop", _REASON)
    store.advance(run, "stop", _REASON)
