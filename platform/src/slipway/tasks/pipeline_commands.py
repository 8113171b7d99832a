"""The commands that move a model: run, deploy, predict, stop."""

import sys
from pathlib import Path
from typing import Any

import orjson
from invoke.context import Context as Invocation

from slipway.controller.serving import predict as ask
from slipway.controller.steps.pipeline import TO_DEPLOY, TO_REGISTER
from slipway.controller.stopping import stop_operations
from slipway.errors import InvalidRequestError
from slipway.tasks.command import ANSWER, PROGRESS, command
from slipway.tasks.launch import Launched, Wish, launch
from slipway.tasks.terminal import Terminal
from slipway.tasks.workspace import Workspace


@command(iterable=["param"])
def run(
    _invocation: Invocation,
    model: str,
    date: str | None = None,
    param: list[str] | None = None,
    env: str = "local",
    force: bool = False,
    json: bool = False,
) -> dict[str, Any]:
    """Take a model from its SQL script to a registered version; deploy nothing.

    Steps whose inputs did not change are taken from the cache. A run that failed or
    was interrupted goes on where it was: give the same command again.

        invoke run --model tumor_malignancy --date 2026-01-31
    """
    workspace = Workspace.open(env)
    wish = Wish(model, date, tuple(param or ()), force)
    with Terminal(PROGRESS) as terminal:
        launched = launch(workspace, wish, TO_REGISTER, terminal)
    if not json:
        number = launched.report.outputs("register")["version"]
        ANSWER.print(
            f"{model} version {number} is registered. Serve it: invoke deploy --model {model}"
        )
    return summary(launched)


@command(iterable=["param"])
def deploy(
    _invocation: Invocation,
    model: str,
    date: str | None = None,
    param: list[str] | None = None,
    env: str = "local",
    force: bool = False,
    json: bool = False,
) -> dict[str, Any]:
    """Take a model from its SQL script to a verified endpoint.

    Extract, quality gate, preprocess, train, evaluate, register, deploy. The endpoint
    changes last, by blue/green, and only to a version that passed its gates; it is
    asked a question before the command ends. If anything fails, what served before
    serves on.

        invoke deploy --model tumor_malignancy --date 2026-01-31
    """
    workspace = Workspace.open(env)
    wish = Wish(model, date, tuple(param or ()), force)
    with Terminal(PROGRESS) as terminal:
        launched = launch(workspace, wish, TO_DEPLOY, terminal)
    if not json:
        rollout = launched.report.outputs("deploy")
        state = "now serves" if rollout["changed"] else "serves already"
        ANSWER.print(
            f"{rollout['endpoint_name']} {state} version {rollout['version']}. Ask it: invoke predict --model {model}"
        )
    return summary(launched)


@command(
    help={
        "data": "a JSON file of instances, or - for standard input (default: the model's fixtures/request.json)",
        "inference-id": "the transaction id to use; the endpoint mints one otherwise",
    }
)
def predict(
    _invocation: Invocation,
    model: str,
    data: str | None = None,
    inference_id: str | None = None,
    env: str = "local",
    json: bool = False,
) -> dict[str, Any]:
    """Ask a model's live endpoint, and print its answer.

    invoke predict --model tumor_malignancy
    echo '{"instances": [...]}' | invoke predict --model tumor_malignancy --data -
    """
    context = Workspace.open(env).context(model)
    prediction = ask(context, _request(context.folder, data), inference_id)
    if not json:
        text = orjson.dumps(prediction.body, option=orjson.OPT_INDENT_2).decode()
        ANSWER.print(text, markup=False)
    return prediction.body


@command()
def stop(
    _invocation: Invocation,
    model: str,
    env: str = "local",
    json: bool = False,
) -> dict[str, Any]:
    """Stop the jobs of a model that are under way, whoever started them.

    invoke stop --model tumor_malignancy
    """
    stopped = stop_operations(Workspace.open(env).context(model))
    if not json:
        ANSWER.print(f"Stopped: {', '.join(stopped) or 'nothing was under way'}")
    return {"stopped": stopped}


def summary(launched: Launched) -> dict[str, Any]:
    """Return a run as `--json` prints it."""
    report = launched.report
    return {
        "run_id": report.run_id,
        "model": launched.context.spec.name,
        "environment": launched.context.settings.environment.name,
        "image_uri": launched.image.uri,
        "steps": [
            {
                "name": step.name,
                "outcome": step.outcome,
                "seconds": round(step.seconds, 3),
                "outputs": dict(step.outputs),
            }
            for step in report.steps
        ],
    }


def _request(folder: Path, data: str | None) -> bytes:
    if data == "-":
        return sys.stdin.buffer.read()
    path = folder / "fixtures" / "request.json" if data is None else Path(data)
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InvalidRequestError(message) from error
