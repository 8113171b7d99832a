"""The commands for a model's folder: new, test, build, lock."""

from typing import Any

from invoke.context import Context as Invocation

from slipway.tasks.command import ANSWER, PROGRESS, command
from slipway.tasks.launch import build as build_model
from slipway.tasks.launch import ensure_stack
from slipway.tasks.terminal import Terminal
from slipway.tasks.workspace import Workspace


@command()
def build(
    _invocation: Invocation,
    model: str,
    env: str = "local",
    json: bool = False,
) -> dict[str, Any]:
    """Build a model's image; an image of the same content is not built twice.

    invoke build --model tumor_malignancy
    """
    workspace = Workspace.open(env)
    with Terminal(PROGRESS) as terminal:
        kind = ensure_stack(workspace.settings, terminal)
        image = build_model(workspace, model, kind, terminal)
    state = "was there already" if image.cached else "is built"
    if not json:
        ANSWER.print(f"{image.uri} {state} ({image.kind})")
    return {
        "uri": image.uri,
        "digest": image.digest,
        "kind": image.kind,
        "cached": image.cached,
    }
