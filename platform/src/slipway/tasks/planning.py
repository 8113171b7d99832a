"""What a deployment would change, for people and machines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.controller.context import Image
from slipway.controller.plan import Change, Plan, plan_of
from slipway.controller.preview import shown
from slipway.tasks.command import Answer
from slipway.tasks.moving import Wish, request_of
from slipway.tasks.terminal import table

_LONGEST = 48


def plan_deployment(env: str, wish: Wish) -> Answer:
    """Return what a deployment would change; nothing is built, written or called."""
    workspace = Workspace.to_run_in(env)
    context = workspace.context(wish.model)
    request = request_of(workspace, context, wish)
    local_stack.check_up(workspace.settings)
    built = workspace.image_of(wish.model, workspace.image_kind())
    image = Image(built.uri, built.runtime_digest, built.digest)
    found = plan_of(context, replace(request, image=image))
    data = {
        "model": wish.model,
        "steps": found.forecast.steps,
        "version": found.version,
        "is_new": found.is_new,
        "serving": found.serving or None,
        "changes": [_as_dict(change) for change in found.changes],
        "changed_by_hand": [_as_dict(change) for change in found.by_hand],
    }
    return Answer(data, tuple(_shown(wish.model, found)))


def _shown(model: str, found: Plan) -> Iterator[RenderableType]:
    runs = [name for name, outcome in found.forecast.steps.items() if outcome == "runs"]
    if runs:
        yield f"Would run: {', '.join(runs)}; what else there is comes from the cache"
    if found.by_hand:
        yield "Changed by hand since the last deployment:"
        yield _table(("deployed", "live"), found.by_hand)
    if not found.changes:
        yield f"Nothing would change: {model} version {found.version} serves"
        if found.by_hand:
            yield "A deployment leaves what was changed by hand as it is"
        return
    number = f"version {found.version}"
    would = f"{number}, or an equal one," if found.is_new else number
    serving = f"version {found.serving} serves" if found.serving else "nothing serves"
    yield f"{would} would serve {model}; {serving} now. A deployment would change:"
    yield _table(("live", "then"), found.changes)


def _table(words: tuple[str, str], changes: Sequence[Change]) -> RenderableType:
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
    known = shown(value)
    text = known if isinstance(known, str) else orjson.dumps(known).decode()
    cut = text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"
    return escape(cut)


def _as_dict(change: Change) -> dict[str, object]:
    return {name: shown(value) for name, value in change.as_dict().items()}
