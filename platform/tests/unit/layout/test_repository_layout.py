import ast
import platform
import sys
from pathlib import Path

REPO = Path(__file__).parents[4]
MODELS = sorted(p.parent for p in (REPO / "models").glob("*/__init__.py"))


def test_top_level_folders_do_not_shadow_real_packages():
    for folder in ("platform", "airflow", "models"):
        assert not (REPO / folder / "__init__.py").exists(), folder
    assert not hasattr(platform, "__path__")


def test_model_names_do_not_shadow_the_standard_library():
    assert not {m.name for m in MODELS} & sys.stdlib_module_names


def test_models_do_not_import_each_other():
    names = {m.name for m in MODELS}
    for model in MODELS:
        for source in model.rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                imported = getattr(node, "module", None) or ""
                assert imported.split(".")[0] not in names - {model.name}, source
