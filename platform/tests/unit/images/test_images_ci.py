"""The models that a change touches, and the workflow that asks."""

import runpy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[4]
SCRIPT = runpy.run_path(str(ROOT / "ci" / "changed_models.py"))
MODELS = ["churn", "fraud"]


@pytest.mark.parametrize(
    ("paths", "touched"),
    [
        (["models/churn/model.py"], ["churn"]),
        (["models/churn/tests/test_a.py", "models/fraud/README.md"], MODELS),
        (["platform/src/slipway/names.py"], MODELS),
        (["copier-template/copier.yml"], MODELS),
        (["models/conftest.py"], MODELS),
        (["docs/glossary.md", "README.md", "CHANGELOG.md"], []),
        (["models/deleted/model.yaml"], []),
        (["models/churn/a", "pyproject.toml"], MODELS),
        ([], []),
    ],
)
def test_a_change_touches(paths: list[str], touched: list[str]) -> None:
    assert SCRIPT["models_touched"](paths, MODELS) == touched


def test_a_new_branch_tests_every_model(tmp_path: Path) -> None:
    assert SCRIPT["changed_paths"](tmp_path, "0" * 40, "HEAD") is None
    assert SCRIPT["changed_paths"](tmp_path, "", "HEAD") is None


def workflow() -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = YAML(typ="safe").load(
        (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    )
    return loaded


def test_the_workflow_runs_only_make_and_invoke() -> None:
    for job in workflow()["jobs"].values():
        steps = job["steps"]
        assert isinstance(steps, list)
        for step in steps:
            if "run" in step:
                assert step["run"].startswith(("make ", ".venv/bin/invoke ")), step


def test_a_job_with_a_matrix_asks_first_whether_there_is_one() -> None:
    job = workflow()["jobs"]["model"]
    assert job["if"] == "needs.changes.outputs.any == 'true'"
