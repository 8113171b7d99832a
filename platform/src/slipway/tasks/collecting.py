"""Versions and runs retired, and what nothing needs collected, from the command line."""

from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from slipway.application import local_stack
from slipway.application.collection import leftover_view
from slipway.application.models import check_known, models_of
from slipway.application.remote import Remote
from slipway.application.state import images_root
from slipway.application.views import (
    CollectionView,
    LeftoverView,
    RunView,
    VersionView,
)
from slipway.application.workspace import Workspace
from slipway.controller.exclusive import holder_of
from slipway.controller.garbage.collect import Collector, Wish
from slipway.controller.garbage.tombstones import retire_run, retire_version
from slipway.controller.orm import ModelVersion, Run
from slipway.controller.store import Seen
from slipway.errors import InvalidRequestError
from slipway.images.stock import Stock
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.controllers import remote_of
from slipway.tasks.terminal import Terminal, table

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


@dataclass(frozen=True)
class Doomed:
    """A version, or a run, that is to be retired."""

    model: str
    version: int
    run: str
    reason: str


def retire(env: str, wanted: Doomed, controller: str = "") -> Answer:
    """Retire a version or a run."""
    version, run = wanted.version, wanted.run
    if bool(version) == bool(run):
        message = "Give either --model <name> --version <number>, or --run <id>"
        raise InvalidRequestError(message)
    if not wanted.reason.strip():
        message = "--reason is missing: say why, for those who ask later"
        raise InvalidRequestError(message)
    remote = remote_of(env, controller)
    row = _retired_by(remote, wanted) if remote else _retired(env, wanted)
    what = {"run_id": run} if run else {"version": version}
    text = (
        f"Run {run} of {row.model} is retired"
        if run
        else f"Version {version} of {row.model} is retired: it may not serve"
    )
    data = {"model": row.model, **what, "state": "retired", "reason": wanted.reason}
    return Answer(data, (f"{text}. Its files are there until invoke gc --apply",))


def _retired_by(remote: Remote, wanted: Doomed) -> RunView | VersionView:
    """Have a controller retire it."""
    made: RunView | VersionView
    if wanted.run:
        made = remote.ask("run.retire", run_id=wanted.run, reason=wanted.reason)
    else:
        place = {"model": wanted.model, "version": wanted.version}
        made = remote.ask("version.retire", reason=wanted.reason, **place)
    return made


def _retired(env: str, wanted: Doomed) -> Run | ModelVersion:
    """Retire it here, when whoever moves the model is done."""
    workspace = Workspace.open(env)
    with Terminal(PROGRESS) as terminal:
        if wanted.version and not wanted.model:
            workspace.folder(wanted.model)  # says which models there are
        local_stack.check_up(workspace.settings)
        estate, reason = workspace.estate, wanted.reason

        def waiting(seen: Seen) -> None:
            terminal.say(f"waiting for {holder_of(seen)} …")

        if wanted.run:
            return retire_run(estate, wanted.run, reason, waiting)
        return retire_version(estate, wanted.model, wanted.version, reason, waiting)


def collect(env: str, model: str, wish: Wish, controller: str = "") -> Answer:
    """Judge what an environment's models left behind, and delete it if asked to."""
    if wish.keep < 0:
        message = f"--keep {wish.keep} is below zero: it counts versions"
        raise InvalidRequestError(message)
    if (remote := remote_of(env, controller)) is not None:
        return _answer(_collected_by(remote, wish, model))
    workspace = Workspace.open(env)
    check_known(workspace, model)
    models = [name for name in models_of(workspace) if model in {"", name}]
    local_stack.check_up(workspace.settings)
    registry = workspace.settings.environment.registry
    stock = Stock(registry, images_root(workspace.settings))
    judged: list[LeftoverView] = []
    skipped: list[str] = []
    with Terminal(PROGRESS) as terminal:
        collector = Collector(workspace.estate, stock, terminal.say)
        for name in models:
            terminal.say(f"{name} …")
            found = collector.collect(name, wish)
            if found is None:
                skipped.append(name)
            else:
                judged += map(leftover_view, found)
    made = CollectionView(applied=wish.apply, items=judged, skipped=skipped)
    return _answer(made)


def _collected_by(remote: Remote, wish: Wish, model: str) -> CollectionView:
    """Have a controller judge everything, a part at a time."""
    asked = {"keep": wish.keep, "apply": wish.apply, "model": model or None}
    judged: list[LeftoverView] = []
    skipped: dict[str, None] = {}
    cursor = None
    while True:
        part = remote.ask("environment.collect", cursor=cursor, **asked)
        judged += part.items
        skipped |= dict.fromkeys(part.skipped)
        cursor = part.next_cursor
        if cursor is None:
            return CollectionView(applied=wish.apply, items=judged, skipped=[*skipped])


def _answer(found: CollectionView) -> Answer:
    going = [item for item in found.items if not item.kept]
    size = sum(item.bytes or 0 for item in going)
    shown: list[RenderableType] = []
    if found.items:
        rows = map(_row, found.items)
        shown.append(table(("model", "what", "name", "size", "verdict"), rows))
    left = "a command moves it, nothing was done"
    shown += [Text(f"{name}: {left}") for name in found.skipped]
    shown.append(Text(_summary(len(going), size, applied=found.applied)))
    said = found.model_dump(mode="json", exclude={"next_cursor"})
    data = {**said, "bytes": size}
    return Answer(data, tuple(shown), exit_code=1 if found.skipped else 0)


def _summary(count: int, size: int, *, applied: bool) -> str:
    if not count:
        return "Nothing is to be collected"
    noun = "thing" if count == 1 else "things"
    if applied:
        return f"{count} {noun} deleted, {_size(size)}"
    return f"{count} {noun} would go, {_size(size)}. Delete them: --apply"


def _row(item: LeftoverView) -> tuple[str | Text, ...]:
    verdict = "deleted" if item.deleted else "would go"
    return (
        item.model,
        item.kind,
        item.name,
        _size(item.bytes) if item.bytes is not None else "",
        Text(f"kept: {item.kept}" if item.kept else verdict),
    )


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            break
        size /= _STEP
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"
