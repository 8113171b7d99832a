"""Versions and runs retired, and what nothing needs collected, from the command line."""

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from slipway.application import local_stack
from slipway.application.state import images_root
from slipway.application.workspace import Workspace
from slipway.controller.garbage.collect import Collector, Judged, Wish
from slipway.controller.garbage.tombstones import retire_run, retire_version
from slipway.controller.store.remains import known_models
from slipway.errors import InvalidRequestError, suggestion
from slipway.images.stock import Stock
from slipway.spec import model_names
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.terminal import Terminal, table

_WAITING = "another command moves this model: waiting for it …"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def retire(env: str, model: str, *, version: int, run: str, reason: str) -> Answer:
    """Retire a version or a run."""
    if bool(version) == bool(run):
        message = "Give either --model <name> --version <number>, or --run <id>"
        raise InvalidRequestError(message)
    if not reason.strip():
        message = "--reason is missing: say why, for those who ask later"
        raise InvalidRequestError(message)
    workspace = Workspace.open(env)
    with Terminal(PROGRESS) as terminal:
        if version and not model:
            workspace.folder(model)  # says which models there are
        local_stack.check_up(workspace.settings)
        estate = workspace.estate
        if run:
            row = retire_run(estate, run, reason, lambda: terminal.say(_WAITING))
            text = f"Run {run} of {row.model} is retired"
            data: dict[str, Any] = {"model": row.model, "run_id": run}
        else:
            made = retire_version(
                estate, model, version, reason, lambda: terminal.say(_WAITING)
            )
            text = f"Version {version} of {made.model} is retired: it may not serve"
            data = {"model": model, "version": version}
    text += ". Its files are there until invoke gc --apply"
    return Answer({**data, "state": "retired", "reason": reason}, (text,))


def collect(env: str, model: str, wish: Wish) -> Answer:
    """Judge what an environment's models left behind, and delete it if asked to."""
    if wish.keep < 0:
        message = f"--keep {wish.keep} is below zero: it counts versions"
        raise InvalidRequestError(message)
    workspace = Workspace.open(env)
    check_known(workspace, model)
    models = [name for name in _models(workspace) if model in {"", name}]
    local_stack.check_up(workspace.settings)
    registry = workspace.settings.environment.registry
    stock = Stock(registry, images_root(workspace.settings))
    judged: list[Judged] = []
    skipped: list[str] = []
    with Terminal(PROGRESS) as terminal:
        collector = Collector(workspace.estate, stock, terminal.say)
        for name in models:
            terminal.say(f"{name} …")
            found = collector.collect(name, wish)
            if found is None:
                skipped.append(name)
            else:
                judged += found
    return _answer(judged, skipped, applied=wish.apply)


def check_known(workspace: Workspace, model: str) -> None:
    """Raise unless a model ever ran, or has a folder; empty: every model is meant."""
    everything = {*_models(workspace), *model_names(workspace.settings.models)}
    if model and model not in everything:
        message = f"There is no model {model!r}.{suggestion(model, everything)}"
        raise InvalidRequestError(message)


def _models(workspace: Workspace) -> list[str]:
    environment = workspace.settings.environment.name
    return [*known_models(workspace.store.database, environment)]


def _answer(judged: Sequence[Judged], skipped: list[str], *, applied: bool) -> Answer:
    going = [one for one in judged if not one.leftover.kept]
    size = sum(one.leftover.bytes or 0 for one in going)
    shown: list[RenderableType] = []
    if judged:
        rows = [_row(one) for one in judged]
        shown.append(table(("model", "what", "name", "size", "verdict"), rows))
    shown += [Text(f"{name}: a command moves it, nothing was done") for name in skipped]
    shown.append(Text(_summary(len(going), size, applied=applied)))
    data = {
        "applied": applied,
        "items": [_item(one) for one in judged],
        "bytes": size,
        "skipped": skipped,
    }
    return Answer(data, tuple(shown), exit_code=1 if skipped else 0)


def _summary(count: int, size: int, *, applied: bool) -> str:
    if not count:
        return "Nothing is to be collected"
    noun = "thing" if count == 1 else "things"
    if applied:
        return f"{count} {noun} deleted, {_size(size)}"
    return f"{count} {noun} would go, {_size(size)}. Delete them: --apply"


def _row(one: Judged) -> tuple[str | Text, ...]:
    item = one.leftover
    verdict = "deleted" if one.gone else "would go"
    return (
        item.model,
        item.kind,
        item.name,
        _size(item.bytes) if item.bytes is not None else "",
        Text(f"kept: {item.kept}" if item.kept else verdict),
    )


def _item(one: Judged) -> dict[str, Any]:
    item = one.leftover
    return {
        "model": item.model,
        "kind": item.kind,
        "name": item.name,
        "bytes": item.bytes,
        "kept": item.kept,
        "deleted": one.gone,
    }


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            break
        size /= _STEP
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"
