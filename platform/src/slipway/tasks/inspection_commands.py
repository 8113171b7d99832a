"""The commands that look: status, logs."""

from typing import Any

from invoke.context import Context as Invocation

from slipway.controller.overview import Overview, overview
from slipway.spec import model_names
from slipway.tasks.command import ANSWER, command
from slipway.tasks.terminal import table
from slipway.tasks.workspace import Workspace


@command()
def status(
    _invocation: Invocation,
    model: str | None = None,
    env: str = "local",
    json: bool = False,
) -> dict[str, Any]:
    """Show what serves, the last runs and their steps; of one model, or of all.

    invoke status
    invoke status --model tumor_malignancy
    """
    workspace = Workspace.open(env)
    names = [model] if model else model_names(workspace.settings.models)
    found = {name: overview(workspace.context(name)) for name in names}
    if not json:
        for name, seen in found.items():
            _print(name, seen)
    return {"models": {name: seen.as_dict() for name, seen in found.items()}}


@command(
    help={
        "step": "only this step: extract, preprocess, train or deploy (default: each job of the last run)"
    }
)
def logs(
    _invocation: Invocation,
    model: str,
    step: str | None = None,
    env: str = "local",
    json: bool = False,
) -> dict[str, Any]:
    """Print what the jobs of a model's last run wrote, and its endpoint.

    invoke logs --model tumor_malignancy --step train
    """
    workspace = Workspace.open(env)
    context = workspace.context(model)
    kept: dict[str, list[str]] = {}
    for name, group, prefix in overview(context).log_streams(step):
        kept[name] = workspace.gateway.log_lines(group, prefix)
    if not json:
        for name, lines in kept.items():
            ANSWER.print(f"[bold]{name}[/]")
            for line in lines:
                ANSWER.print(line, markup=False)
    return {"logs": kept}


def _print(name: str, seen: Overview) -> None:
    ANSWER.print(f"[bold]{name}[/]  {seen.serving}")
    rows = [
        (run.run_id, run.state, step.name, step.state, f"{step.seconds:.2f}")
        for run, steps in seen.runs
        for step in steps
    ]
    if rows:
        ANSWER.print(table(("run", "", "step", "", "seconds"), rows))
