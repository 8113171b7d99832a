"""Runs side by side: what was tried, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.controller.context import Context
from slipway.controller.orm import Run
from slipway.controller.overrides import written
from slipway.controller.store.experiments import runs_tagged, steps_of
from slipway.errors import InvalidRequestError, suggestion

#: How many runs a suggestion knows.
_KNOWN = 200


@dataclass(frozen=True)
class Variant:
    """One run, as people compare it with others."""

    run_id: str
    tags: tuple[str, ...]
    verdict: str
    reason: str
    run_date: str
    code_commit: str
    hyperparameters: dict[str, Any]
    overrides: dict[str, Any]
    metrics: dict[str, float]
    #: None: it registered none.
    version: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**vars(self), "tags": list(self.tags)}


def variants(
    context: Context, run_ids: Sequence[str], tags: Sequence[str]
) -> list[Variant]:
    """Return the runs called so, then the newest run with each tag."""
    runs = [_run(context, run_id) for run_id in run_ids]
    runs += [_newest(context, tag) for tag in tags]
    steps = steps_of(context.store.database, runs)
    return [
        _variant(run, {step.name: dict(step.outputs) for step in steps[run.run_id]})
        for run in runs
    ]


def _variant(run: Run, outputs: dict[str, dict[str, Any]]) -> Variant:
    frozen = run.parameters
    return Variant(
        run_id=run.run_id,
        tags=tuple(run.tags),
        verdict=run.state,
        reason=run.reason.splitlines()[0] if run.reason else "",
        run_date=run.run_date.isoformat(),
        code_commit=run.code_commit,
        hyperparameters=dict(frozen["spec"].get("hyperparameters", {})),
        overrides={
            written(kept["key"]): kept["value"] for kept in frozen.get("overrides", [])
        },
        metrics=dict(outputs.get("train", {}).get("metrics", {})),
        version=outputs.get("register", {}).get("version"),
    )


def _run(context: Context, run_id: str) -> Run:
    records, model = context.store.records, context.spec.name
    environment, run = context.settings.environment.name, records.run(run_id)
    if run is None or (run.model, run.environment) != (model, environment):
        known = [one.run_id for one in records.latest_runs(model, environment, _KNOWN)]
        message = f"{model} has no run {run_id!r}.{suggestion(run_id, known)}"
        raise InvalidRequestError(message)
    return run


def _newest(context: Context, tag: str) -> Run:
    store, model = context.store, context.spec.name
    environment = context.settings.environment.name
    found = runs_tagged(store.database, environment, model, tag)
    if not found:
        runs = store.records.latest_runs(model, environment, _KNOWN)
        known = {one for run in runs for one in run.tags}
        message = f"No run of {model} has the tag {tag!r}.{suggestion(tag, known)}"
        raise InvalidRequestError(message)
    return found[0]
