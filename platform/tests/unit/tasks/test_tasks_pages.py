from pathlib import Path

import jsonschema
import orjson
import pytest
from ruamel.yaml import YAML

from slipway.tasks.generated import PAGES

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", PAGES)
def test_every_generated_page_is_what_the_code_says(name):
    current = (ROOT / name).read_text(encoding="utf-8")

    assert PAGES[name](current) == current


@pytest.mark.parametrize(
    "path", sorted((ROOT / "models").glob("*/model.yaml")), ids=str
)
def test_the_schema_for_editors_accepts_every_model(path):
    schema = orjson.loads((ROOT / "docs" / "model.schema.json").read_bytes())

    jsonschema.validate(YAML(typ="safe").load(path), schema)
