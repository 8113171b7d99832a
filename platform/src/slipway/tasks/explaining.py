"""Who set each value that SageMaker is sent, for people and machines."""

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.application.workspace import Workspace
from slipway.controller.preview import previews
from slipway.tasks.command import Answer
from slipway.tasks.terminal import table

_LONGEST = 60


def explain_payloads(env: str, model: str, step: str) -> Answer:
    """Return each field of the model's payloads, its value and who set it."""
    context = Workspace.open(env).context(model)
    found = previews(context, step)
    payloads = [
        {
            "step": preview.step,
            "operation": preview.operation,
            "fields": [
                {"field": path, "value": value, "source": source.as_dict()}
                for path, value, source in preview.fields()
            ],
        }
        for preview in found
    ]
    shown: list[RenderableType] = []
    for preview in found:
        rows = [
            (path, escape(_short(value)), escape(str(source)))
            for path, value, source in preview.fields()
        ]
        title = f"[bold]{preview.step}: {preview.operation}[/]"
        shown += [title, table(("field", "value", "set by"), rows), ""]
    data = {
        "model": context.spec.name,
        "environment": context.settings.environment.name,
        "payloads": payloads,
    }
    return Answer(data, (*shown, "<run>, <digest> and <image> are known in a run only"))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
