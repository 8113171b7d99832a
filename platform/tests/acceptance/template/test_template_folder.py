"""A freshly generated model folder: its files, and that all of it works untouched."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from copier import run_copy

from slipway.errors import InvalidRequestError
from slipway.images import build_image
from slipway.images.fixture_test import fixture_test
from slipway.images.unit_tests import run_unit_tests
from slipway.spec import load_spec
from slipway.tasks.new_model import TEMPLATE, create_model, upgrade_model

ROOT = Path(__file__).resolve().parents[4]
EXAMPLE = ROOT / "models" / "tumor_malignancy"
STORE = ROOT / ".slipway" / "tests"
#: Every file of a new folder.
TREE = [
    ".copier-answers.yml",
    "Dockerfile",
    "README.md",
    "extract.sql",
    "fixtures/extract.csv",
    "fixtures/parameters.json",
    "fixtures/request.json",
    "fixtures/warehouse/diagnoses.csv",
    "fixtures/warehouse/measurements.csv",
    "model.py",
    "model.yaml",
    "preprocess.py",
    "pyproject.toml",
    "requirements.txt",
    "serve.py",
    "tests/test_churn_risk.py",
    "tests/test_churn_risk_folder.py",
]
#: What `copier recopy` brings up to date.
PLATFORMS_FILES = ["Dockerfile", "serve.py", "tests/test_churn_risk_folder.py"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with the template, the platform, and no model."""
    (tmp_path / "models").mkdir()
    for name in ("copier-template", "platform", "ci", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def folder(root: Path) -> Path:
    return create_model(root, "churn_risk", {})


def tree(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def test_a_new_folder_has_exactly_these_files(folder: Path) -> None:
    assert tree(folder) == TREE


def test_model_yaml_fits_one_screen_and_has_a_sentence_on_each_key(
    folder: Path,
) -> None:
    lines = (folder / "model.yaml").read_text().splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 88
    for before, line in zip(["", *lines], lines, strict=False):
        if line and line[0].isalpha() and not line.startswith(("columns:", "sql:")):
            assert before.startswith(("#", "  #")) or before[:1].isalpha(), line


def test_the_spec_is_valid_and_has_a_gate(folder: Path) -> None:
    spec = load_spec(folder)
    assert (spec.name, spec.key, spec.target) == ("churn_risk", "row_id", "target")
    assert spec.gates


def test_answers_reach_the_files(root: Path) -> None:
    answers = {
        "owner": "risk@example.com",
        "description": 'Wer kündigt: "wer" \\ & {{ warum }} # 😀',
        "key": "customer_id",
        "target": "churned",
    }
    folder = create_model(root, "churn_risk", answers)
    spec = load_spec(folder)
    assert spec.owner == answers["owner"]
    assert spec.description == answers["description"]
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert project["name"] == "churn-risk"
    assert project["description"] == answers["description"]
    assert (spec.key, spec.target) == ("customer_id", "churned")
    run_unit_tests(folder, images_root=STORE / "images")


def test_nothing_of_this_machine_is_recorded(folder: Path) -> None:
    assert (
        "_src_path: copier-template\n" in (folder / ".copier-answers.yml").read_text()
    )
    for name in tree(folder):
        assert str(folder.parents[1]) not in (folder / name).read_text(), name


def test_a_new_folder_passes_its_own_tests(folder: Path) -> None:
    run_unit_tests(folder, images_root=STORE / "images")


@pytest.mark.parametrize(
    "kind", ["process", pytest.param("docker", marks=pytest.mark.docker)]
)
def test_the_image_of_a_new_folder_passes_every_step(folder: Path, kind: str) -> None:
    image = build_image(
        folder,
        kind="docker" if kind == "docker" else "process",
        registry="000000000000.dkr.ecr.eu-west-1.amazonaws.com",
        images_root=STORE / "images",
        cache=STORE / "wheels",
    )
    steps = fixture_test(folder, image, images_root=STORE / "images")
    assert len(steps) == 4


def test_a_new_folder_is_formatted_linted_and_typed(folder: Path) -> None:
    tool = [sys.executable, "-m"]
    root = folder.parents[1]
    for ruff in (["format", "--check"], ["check", "--ignore", "INP001"]):
        subprocess.run([*tool, "ruff", *ruff, str(folder)], check=True, cwd=root)
    files = [str(folder / name) for name in ("model.py", "preprocess.py", "serve.py")]
    strict = [
        "mypy",
        "--strict",
        "--explicit-package-bases",
        "--ignore-missing-imports",
    ]
    subprocess.run([*tool, *strict, *files], check=True, cwd=folder.parent)


def test_a_folder_that_is_there_is_not_touched(root: Path, folder: Path) -> None:
    (folder / "model.py").write_text("mine")
    with pytest.raises(InvalidRequestError, match="models/churn_risk is there already"):
        create_model(root, "churn_risk", {})
    assert (folder / "model.py").read_text() == "mine"


def edit_every_file(folder: Path) -> None:
    for name in TREE:
        if name != ".copier-answers.yml":
            (folder / name).write_text("mine")
    (folder / "features.py").write_text("mine")


def check_upgraded(folder: Path) -> None:
    untouched = [*TREE, "features.py"]
    for name in {*untouched} - {*PLATFORMS_FILES, ".copier-answers.yml"}:
        assert (folder / name).read_text() == "mine", name
    for name in PLATFORMS_FILES:
        assert (folder / name).read_text() != "mine", name


def test_an_upgrade_replaces_the_platforms_files_and_keeps_the_authors(
    root: Path, folder: Path
) -> None:
    fresh = {name: (folder / name).read_text() for name in PLATFORMS_FILES}
    edit_every_file(folder)
    upgrade_model(root, "churn_risk")
    check_upgraded(folder)
    assert {name: (folder / name).read_text() for name in PLATFORMS_FILES} == fresh
    assert tree(folder) == sorted([*TREE, "features.py"])


def test_copiers_own_commands_copy_and_recopy(root: Path) -> None:
    copier = [sys.executable, "-m", "copier"]
    made = ["copy", "--defaults", "copier-template", "models/churn_risk"]
    subprocess.run([*copier, *made], cwd=root, check=True, capture_output=True)
    folder = root / "models" / "churn_risk"
    assert tree(folder) == TREE
    edit_every_file(folder)
    again = ["recopy", "--defaults", "--overwrite", "models/churn_risk"]
    subprocess.run([*copier, *again], cwd=root, check=True, capture_output=True)
    check_upgraded(folder)


def test_the_example_is_a_new_folder_with_edits(root: Path) -> None:
    answers = {
        "owner": load_spec(EXAMPLE).owner,
        "description": load_spec(EXAMPLE).description,
        "key": "patient_id",
        "target": "malignant",
    }
    fresh = root / "models" / EXAMPLE.name
    run_copy(str(root / TEMPLATE), fresh, data=answers, defaults=True, quiet=True)
    skipped = ("__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache")
    kept = [n for n in tree(EXAMPLE) if not any(part in n for part in skipped)]
    assert kept == tree(fresh)
    test = f"tests/test_{EXAMPLE.name}_folder.py"
    same = [".copier-answers.yml", "Dockerfile", "pyproject.toml"]
    same += ["requirements.txt", "serve.py", "fixtures/parameters.json", test]
    for name in same:
        assert (EXAMPLE / name).read_text() == (fresh / name).read_text(), name
    # What the example adds to its page: where its data comes from.
    added = (EXAMPLE / "README.md").read_text()
    assert added.startswith((fresh / "README.md").read_text())
