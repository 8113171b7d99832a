"""Runs, opened: their parameters frozen in the database and in S3, once."""

from collections.abc import Sequence

from slipway.controller.context import Context, Request
from slipway.controller.frozen import Opening, freeze, run_id_of
from slipway.controller.orm import Run
from slipway.controller.preflight import check_instances
from slipway.controller.states.pipeline import RETIRED
from slipway.errors import ConflictError, InvalidRequestError

#: The request of the model's fixtures: what a new endpoint is asked first.
_SMOKE = "fixtures/request.json"
#: What a key's second opening must ask for as its first did.
_SAME = ("pipeline", "run_date")
_BY_HAND = Opening()


def open_run(
    context: Context, request: Request, opening: Opening = _BY_HAND
) -> tuple[Run, bool]:
    """Return the run that was asked for, and whether this call opened it.

    Equal parameters are the same run. So is an equal key, whatever the model's folder
    says by now: a caller that asks twice opens one run. ConflictError when the key's
    run is of another model, date or pipeline.
    """
    frozen = freeze(context, request, opening)
    run = _found(context, opening.key, frozen)
    if run is not None:
        _check_not_retired(run)
        return _tagged(context, run, opening.tags), False
    check_instances(context)
    run_id = run_id_of(frozen)
    folder = context.layout.run(run_id)
    context.objects.write_json(folder / "run.json", frozen)
    smoke = (context.folder / _SMOKE).read_bytes()
    context.objects.write(context.layout.smoke_request(run_id), smoke)
    row = Run(
        run_id=run_id,
        key=opening.key or None,
        model=context.spec.name,
        environment=context.settings.environment.name,
        run_date=request.run_date,
        parameters=frozen,
        tags=list(opening.tags),
        code_commit=opening.code_commit,
        committed_at=opening.committed_at,
    )
    try:
        return context.store.add(row), True
    except ConflictError:  # somebody opened it at the same time
        run = _found(context, opening.key, frozen)
        if run is None:
            raise
        return _tagged(context, run, opening.tags), False


def _tagged(context: Context, run: Run, tags: Sequence[str]) -> Run:
    """Return the run with more tags, beside those that it has."""
    missing = [tag for tag in tags if tag not in run.tags]
    return context.store.amend(run, tags=[*run.tags, *missing]) if missing else run


def _check_not_retired(run: Run) -> None:
    if run.state == RETIRED:
        message = (
            f"Run {run.run_id} of {run.model} is retired ({run.reason}), and what it"
            " wrote may be gone. Begin another: --force"
        )
        raise InvalidRequestError(message)


def run_of_key(context: Context, key: str) -> Run | None:
    """Return the run that was opened with a caller's key."""
    environment = context.settings.environment.name
    return context.store.records.run_of_key(environment, key) if key else None


def _found(context: Context, key: str, frozen: dict[str, object]) -> Run | None:
    run = run_of_key(context, key)
    if run is None:
        return context.store.records.run(run_id_of(frozen))
    asked = {"model": frozen["model"], **{name: frozen[name] for name in _SAME}}
    for name, value in asked.items():
        if run.parameters.get(name) != value:
            message = (
                f"The key {key!r} opened run {run.run_id} with {name}"
                f" {run.parameters.get(name)!r}, not {value!r}: give another key"
            )
            raise ConflictError(message)
    return run
