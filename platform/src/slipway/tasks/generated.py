"""The pages that are written from the code, and checked to be what it says."""

from collections.abc import Callable
from pathlib import Path

import orjson

from slipway.application.reference import rest_page
from slipway.application.workspace import Workspace
from slipway.controller.charts import states_page
from slipway.errors import DocumentError
from slipway.sagemaker_local import reference
from slipway.spec import ModelSpec
from slipway.tasks.command import Answer


def model_schema() -> str:
    """Return the JSON Schema of model.yaml, for editors."""
    schema = ModelSpec.model_json_schema()
    text: bytes = orjson.dumps(schema, option=orjson.OPT_INDENT_2)
    return text.decode() + "\n"


#: Each generated file, and what makes it from the one that is there: some are written
#: in part by people.
PAGES: dict[str, Callable[[str], str]] = {
    "docs/rest.md": lambda _current: rest_page(),
    "docs/model.schema.json": lambda _current: model_schema(),
    "docs/sagemaker-local.md": reference.updated,
    "docs/states.md": lambda _current: states_page(),
}


def write_pages() -> Answer:
    """Write every generated page that is not current."""
    root = Workspace.open("local").settings.root
    stale = _stale(root)
    for name, text in stale.items():
        (root / name).write_text(text, encoding="utf-8")
    names = list(stale)
    words = (
        f"Written: {', '.join(names)}" if names else "Every generated page is current"
    )
    return Answer({"written": names}, (words,))


def check_pages() -> Answer:
    """Raise DocumentError when a generated page is not current."""
    stale = _stale(Workspace.open("local").settings.root)
    if stale:
        message = f"Not what the code says: {', '.join(stale)}. Write again: make docs"
        raise DocumentError(message)
    return Answer({"stale": []}, ("Every generated page is current",))


def _stale(root: Path) -> dict[str, str]:
    """Return the pages that are not current, as they should be."""
    stale = {}
    for name, page in PAGES.items():
        path = root / name
        current = path.read_text(encoding="utf-8") if path.is_file() else ""
        if (made := page(current)) != current:
            stale[name] = made
    return stale
