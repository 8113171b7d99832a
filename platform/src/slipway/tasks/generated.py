"""The pages that are written from the code, and checked to be what it says."""

from collections.abc import Callable
from pathlib import Path

import orjson

from slipway.controller.charts import states_page
from slipway.errors import DocumentError
from slipway.spec import ModelSpec
from slipway.tasks.command import Answer
from slipway.tasks.workspace import Workspace


def model_schema() -> str:
    """Return the JSON Schema of model.yaml, for editors."""
    schema = ModelSpec.model_json_schema()
    text: bytes = orjson.dumps(schema, option=orjson.OPT_INDENT_2)
    return text.decode() + "\n"


#: Each generated file, and what writes it.
PAGES: dict[str, Callable[[], str]] = {
    "docs/model.schema.json": model_schema,
    "docs/states.md": states_page,
}


def write_pages() -> Answer:
    """Write every generated page that is not current."""
    root = Workspace.open("local").settings.root
    stale = _stale(root)
    for name in stale:
        (root / name).write_text(PAGES[name](), encoding="utf-8")
    text = (
        f"Written: {', '.join(stale)}" if stale else "Every generated page is current"
    )
    return Answer({"written": stale}, (text,))


def check_pages() -> Answer:
    """Raise DocumentError when a generated page is not current."""
    stale = _stale(Workspace.open("local").settings.root)
    if stale:
        message = f"Not what the code says: {', '.join(stale)}. Write again: make docs"
        raise DocumentError(message)
    return Answer({"stale": []}, ("Every generated page is current",))


def _stale(root: Path) -> list[str]:
    return [
        name
        for name, page in PAGES.items()
        if not (root / name).is_file() or (root / name).read_text("utf-8") != page()
    ]
