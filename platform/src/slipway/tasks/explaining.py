"""Who set each value that SageMaker is sent, for people and machines."""

from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.payloads.layers import Source
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, known_model
from slipway.tasks.terminal import table

_LONGEST = 60


def explain_payloads(
    controller: Controller, model: str, step: str, *, env: str
) -> Answer:
    """Return each field of the model's payloads, its value and who set it."""
    model = known_model(controller, model)
    found = controller.ask("model.explain", model=model, step=step or None).items
    shown: list[RenderableType] = []
    for payload in found:
        rows = [
            (field.field, escape(_short(field.value)), escape(_source(field.source)))
            for field in payload.fields
        ]
        title = f"[bold]{payload.step}: {payload.operation}[/]"
        shown += [title, table(("field", "value", "set by"), rows), ""]
    payloads = [payload.model_dump(mode="json") for payload in found]
    data = {"model": model, "environment": env, "payloads": payloads}
    return Answer(data, (*shown, "<run>, <digest> and <image> are known in a run only"))


def _source(said: Mapping[str, Any]) -> str:
    """Return who set a value, as people read it."""
    return str(Source(said["name"], said["line"] or 0, said["note"]))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
