"""What a deployment would change, for people and machines."""

from collections.abc import Iterator, Sequence

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.application.reports import ChangeView, PlanView
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, known_model
from slipway.tasks.moving import date_of, parameters_of
from slipway.tasks.terminal import table

_LONGEST = 48


def plan_deployment(
    controller: Controller, model: str, *, date: str, parameters: Sequence[str]
) -> Answer:
    """Return what a deployment would change; nothing is built, written or called."""
    run_date, given = date_of(date), parameters_of(parameters)
    model = known_model(controller, model)
    asked = {"logical_date": run_date.isoformat(), "config": {"parameters": given}}
    found = controller.ask("model.plan", model=model, **asked)
    return Answer(found.model_dump(mode="json"), tuple(_shown(model, found)))


def _shown(model: str, found: PlanView) -> Iterator[RenderableType]:
    runs = [name for name, outcome in found.steps.items() if outcome == "runs"]
    if runs:
        yield f"Would run: {', '.join(runs)}; what else there is comes from the cache"
    if found.changed_by_hand:
        yield "Changed by hand since the last deployment:"
        yield _table(("deployed", "live"), found.changed_by_hand)
    if not found.changes:
        yield f"Nothing would change: {model} version {found.version} serves"
        if found.changed_by_hand:
            yield "A deployment leaves what was changed by hand as it is"
        return
    number = f"version {found.version}"
    would = f"{number}, or an equal one," if found.is_new else number
    serving = f"version {found.serving} serves" if found.serving else "nothing serves"
    yield f"{would} would serve {model}; {serving} now. A deployment would change:"
    yield _table(("live", "then"), found.changes)


def _table(words: tuple[str, str], changes: Sequence[ChangeView]) -> RenderableType:
    rows = [
        (
            change.resource,
            change.field,
            _short(change.before),
            _short(change.after),
            escape(change.by),
        )
        for change in changes
    ]
    return table(("resource", "field", *words, "set by"), rows)


def _short(value: object) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    cut = text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"
    return escape(cut)
