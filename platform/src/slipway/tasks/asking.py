"""A model's endpoint asked, and its jobs stopped."""

import sys
from pathlib import Path

import orjson
from rich.text import Text

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.container.serve.transaction import transaction_id
from slipway.controller.serving import predict
from slipway.controller.stopping import stop_operations
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer


def predict_model(env: str, model: str, *, data: str, inference_id: str) -> Answer:
    """Ask a model's endpoint."""
    if inference_id and transaction_id(inference_id) != inference_id:
        message = (
            f"--inference-id {inference_id!r} is not 1 to 64 of A-Z a-z 0-9 . _ : and -"
        )
        raise InvalidRequestError(message)
    workspace = Workspace.open(env)
    context = workspace.declared(model)
    request = _request(context.folder, data)
    local_stack.check_up(workspace.settings)
    body = predict(context, request, inference_id or None).body
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    return Answer(body, (Text(text),))


def stop_model(env: str, model: str) -> Answer:
    """Stop a model's jobs."""
    workspace = Workspace.open(env)
    context = workspace.declared(model)
    local_stack.check_up(workspace.settings)
    stopped = stop_operations(context)
    text = f"Stopped: {', '.join(stopped) or 'nothing was under way'}"
    return Answer({"stopped": stopped}, (text,))


def _request(folder: Path, data: str) -> bytes:
    if data == "-":
        return sys.stdin.buffer.read()
    path = Path(data) if data else folder / "fixtures" / "request.json"
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InvalidRequestError(message) from error
