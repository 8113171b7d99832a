import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
PLACES = ("platform/src", "platform/tests", "airflow", "ci")


def builds(path):
    """Yield the names and values that each build of an image is called with."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {each.arg: ast.unparse(each.value) for each in node.keywords}
            if node.func.attr == "build" and {"fileobj", "path"} & given.keys():
                yield given


@pytest.mark.parametrize("place", PLACES)
def test_no_build_leaves_the_containers_of_its_steps(place):
    files = [
        path for path in (ROOT / place).rglob("*.py") if "build(" in path.read_text()
    ]

    for path in files:
        for given in builds(path):
            assert given.get("rm") == "True", path
