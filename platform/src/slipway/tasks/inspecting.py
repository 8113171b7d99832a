"""What is known of models, for people and machines."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.text import Text

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.controller.context import Context
from slipway.controller.overview import Overview, overview
from slipway.errors import DocumentError
from slipway.spec import model_names
from slipway.tasks import remote_moving
from slipway.tasks.command import Answer
from slipway.tasks.controllers import remote_of
from slipway.tasks.terminal import table


def show_status(env: str, model: str, controller: str = "") -> Answer:
    """Return what serves, the versions and the last runs, of one model or of all.

    Of all, one whose model.yaml is broken is shown with its error, and fails the command.
    """
    if (remote := remote_of(env, controller)) is not None:
        return remote_moving.show_status(remote, [model] if model else [])
    workspace = Workspace.open(env)
    contexts: dict[str, Context] = {}
    broken: dict[str, str] = {}
    for name in [model] if model else model_names(workspace.settings.models):
        try:
            contexts[name] = workspace.declared(name)
        except DocumentError as error:
            if model:
                raise
            broken[name] = str(error)
    local_stack.check_up(workspace.settings)
    found = {name: overview(context) for name, context in contexts.items()}
    shown = [part for name, seen in found.items() for part in _status(name, seen)]
    shown += [f"[bold]{name}[/]: {escape(text)}" for name, text in broken.items()]
    models = {name: seen.as_dict() for name, seen in found.items()}
    models |= {name: {"error": text} for name, text in broken.items()}
    return Answer({"models": models}, tuple(shown), exit_code=1 if broken else 0)


def show_logs(env: str, model: str, step: str) -> Answer:
    """Return what the jobs of the model's last run wrote."""
    workspace = Workspace.open(env)
    context = workspace.declared(model)
    local_stack.check_up(workspace.settings)
    streams = overview(context).log_streams(step or None)
    kept = {
        title: workspace.gateway.log_lines(group, prefix)
        for title, group, prefix in streams
    }
    shown: list[RenderableType] = []
    for title, lines in kept.items():
        shown += [f"[bold]{title}[/]", *map(Text, lines)]
    return Answer({"logs": kept}, tuple(shown) or ("No job of this model has run yet",))


def _status(name: str, seen: Overview) -> Iterator[RenderableType]:
    yield f"[bold]{name}[/]: {seen.serving}"
    if seen.deploying:
        yield Text(f"  {seen.deploying}")
    if seen.moving:
        yield Text(f"  {seen.moving}")
    if seen.drift:
        yield Text(f"  {seen.drift.kind}: {seen.drift.message}")
    rows = [
        (run.run_id, run.state, step.name, step.state, f"{step.seconds:.2f}")
        for run, steps in seen.runs
        for step in steps
    ]
    if rows:
        yield table(("run", "state", "step", "state", "seconds"), rows)
    for place, (run, _steps) in enumerate(seen.runs):
        if run.reason and (place == 0 or run.state == "stuck"):
            yield Text(run.reason)
