"""A lock, and whether it fits what it was made from."""

from pathlib import Path

import pytest

from slipway.errors import InvalidRequestError
from slipway.images.lock import check_lock, dependencies_digest

ROOT = Path(__file__).resolve().parents[4]
TEMPLATE = ROOT / "copier-template" / "template"

PLATFORM = """
[project]
dependencies = ["pydantic"]
[project.optional-dependencies]
container = ["flask", "pandas"]
controller = ["docker"]
"""
MODEL = """
[project]
name = "churn"
description = "Who leaves"
dependencies = ["slipway[container]", "scikit-learn>=1.7"]
[tool.uv.sources]
slipway = { path = "../../platform" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "churn"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MODEL)
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "pyproject.toml").write_text(PLATFORM)
    return folder


def mark(folder: Path) -> None:
    text = (
        f"# Locked by `invoke lock` for the dependencies {dependencies_digest(folder)}"
    )
    (folder / "requirements.txt").write_text(f"{text}\nflask==3.1.3\n")


def test_a_lock_of_todays_dependencies_is_taken(folder: Path) -> None:
    mark(folder)
    check_lock(folder)


def test_a_lock_of_other_dependencies_is_refused(folder: Path) -> None:
    mark(folder)
    (folder / "pyproject.toml").write_text(MODEL.replace("1.7", "1.8"))
    with pytest.raises(InvalidRequestError, match="invoke lock --model churn"):
        check_lock(folder)


def test_a_lock_is_stale_when_the_containers_own_packages_change(folder: Path) -> None:
    mark(folder)
    platform = folder.parents[1] / "platform" / "pyproject.toml"
    platform.write_text(PLATFORM.replace('"flask", ', ""))
    with pytest.raises(InvalidRequestError, match="was locked for other dependencies"):
        check_lock(folder)


def test_what_only_the_command_line_needs_leaves_the_lock_as_it_is(
    folder: Path,
) -> None:
    before = dependencies_digest(folder)
    platform = folder.parents[1] / "platform" / "pyproject.toml"
    platform.write_text(PLATFORM.replace('"docker"', '"invoke"'))
    assert dependencies_digest(folder) == before


def test_models_with_the_same_dependencies_have_the_same_digest(folder: Path) -> None:
    before = dependencies_digest(folder)
    other = MODEL.replace("churn", "fraud").replace("Who leaves", "Who lies")
    (folder / "pyproject.toml").write_text(other)
    assert dependencies_digest(folder) == before


def test_a_missing_lock_is_named(folder: Path) -> None:
    with pytest.raises(InvalidRequestError, match=r"requirements.txt is missing"):
        check_lock(folder)


def test_a_pyproject_must_say_where_slipway_is(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(MODEL.split("[tool")[0])
    with pytest.raises(InvalidRequestError, match="does not say where slipway is"):
        check_lock(folder)


@pytest.mark.parametrize(
    "model", sorted((ROOT / "models").glob("*/model.yaml")), ids=lambda p: p.parent.name
)
def test_the_lock_of_each_model_is_current(model: Path) -> None:
    check_lock(model.parent)


def test_the_templates_lock_is_that_of_the_example() -> None:
    example = ROOT / "models" / "tumor_malignancy" / "requirements.txt"
    assert (TEMPLATE / "requirements.txt").read_text() == example.read_text()


def test_no_lock_names_an_index() -> None:
    for lock in [*ROOT.glob("models/*/requirements.txt"), *ROOT.glob("ci/*.txt")]:
        assert "://" not in lock.read_text(), lock
        assert "--index" not in lock.read_text(), lock
