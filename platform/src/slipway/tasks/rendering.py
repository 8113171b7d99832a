"""Rendered DAGs, written or checked."""

from pathlib import Path

from slipway.application.workspace import Workspace
from slipway.dags import Rendering, render_models
from slipway.errors import DocumentError
from slipway.tasks.command import Answer


def write_dags() -> Answer:
    """Write each DAG that is not current; raise what broken models say, after that."""
    folder, rendering = _rendering()
    rendering.write(folder)
    _check_specs(rendering)
    changed = [*rendering.stale, *rendering.orphaned]
    words = (
        f"Written: {', '.join(rendering.stale) or 'none'};"
        f" removed: {', '.join(rendering.orphaned) or 'none'}"
        if changed
        else f"Each of {len(rendering.files)} DAGs is current"
    )
    data = {"written": list(rendering.stale), "removed": list(rendering.orphaned)}
    return Answer(data, (words,))


def check_dags() -> Answer:
    """Raise DocumentError when a DAG's file is not what the specs say."""
    _folder, rendering = _rendering()
    _check_specs(rendering)
    if changed := [*rendering.stale, *rendering.orphaned]:
        message = (
            f"Not what model.yaml says: airflow/dags/ {', '.join(changed)}."
            " Render again: invoke dag.render"
        )
        raise DocumentError(message)
    count = len(rendering.files)
    return Answer({"stale": []}, (f"Each of {count} DAGs is current",))


def _rendering() -> tuple[Path, Rendering]:
    settings = Workspace.open("local").settings
    folder = settings.root / "airflow" / "dags"
    return folder, render_models(settings.models, folder)


def _check_specs(rendering: Rendering) -> None:
    if rendering.broken:
        raise DocumentError("\n".join(rendering.broken.values()))
