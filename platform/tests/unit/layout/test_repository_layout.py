import ast
import platform
import sys
from pathlib import Path

REPO = Path(__file__).parents[4]
#: A model is a namespace package: it has no __init__.py.
MODELS = sorted(p.parent for p in (REPO / "models").glob("*/model.yaml"))


def test_top_level_folders_do_not_shadow_real_packages():
    for folder in ("platform", "airflow", "models"):
        assert not (REPO / folder / "__init__.py").exists(), folder
    assert not hasattr(platform, "__path__")


def test_the_models_are_found():
    assert "tumor_malignancy" in {model.name for model in MODELS}


def test_model_names_do_not_shadow_the_standard_library():
    assert not {m.name for m in MODELS} & sys.stdlib_module_names


def test_models_do_not_import_each_other():
    names = {m.name for m in MODELS}
    for model in MODELS:
        for source in model.rglob("*.py"):
            others = imported_packages(source.read_text()) & (names - {model.name})
            assert not others, source


def test_an_import_of_another_model_would_be_seen():
    source = "import churn_risk.model\nfrom tumor_malignancy import preprocess\n"

    assert imported_packages(source) == {"churn_risk", "tumor_malignancy"}


def imported_packages(source):
    packages = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            packages.add(node.module.split(".")[0])
    return packages
