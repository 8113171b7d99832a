"""Wheels downloaded by hash, and locks compiled, by pip and uv themselves."""

import shutil
from pathlib import Path

import pytest

from slipway.errors import StepFailedError
from slipway.images.lock import check_lock, lock
from slipway.images.wheelhouse import wheelhouse

ROOT = Path(__file__).resolve().parents[4]
LOCK = (ROOT / "ci" / "requirements-model-tests.txt").read_bytes()


def test_the_wheels_of_a_lock_are_downloaded_once_for_linux(tmp_path: Path) -> None:
    first = wheelhouse(LOCK, cache=tmp_path)
    names = sorted(path.name.split("-")[0] for path in first.iterdir())
    assert names == ["iniconfig", "packaging", "pluggy", "pygments", "pytest"]
    (first / "kept").touch()
    assert wheelhouse(LOCK, cache=tmp_path) == first
    assert (first / "kept").exists()


def test_a_wheel_with_another_hash_is_refused_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    forged = b"iniconfig==2.3.1 \\\n    --hash=sha256:" + b"0" * 64 + b"\n"
    with pytest.raises(StepFailedError, match="DO NOT MATCH THE HASHES"):
        wheelhouse(forged, cache=tmp_path)
    made = [path.name for path in (tmp_path / "wheelhouses").iterdir()]
    assert all(name.startswith(".") for name in made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "churn"
    folder.mkdir(parents=True)
    (tmp_path / "platform").symlink_to(ROOT / "platform")
    example = ROOT / "models" / "tumor_malignancy"
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copyfile(example / name, folder / name)
    return folder


def test_locking_again_changes_nothing(folder: Path) -> None:
    before = (folder / "requirements.txt").read_text()
    lock(folder)
    assert (folder / "requirements.txt").read_text() == before


def test_a_new_dependency_is_locked_beside_the_pins_that_are_there(
    folder: Path,
) -> None:
    before = pins(folder)
    project = (folder / "pyproject.toml").read_text()
    named = project.replace('"scikit-learn>=1.7"', '"scikit-learn>=1.7", "iniconfig"')
    (folder / "pyproject.toml").write_text(named)
    lock(folder)
    check_lock(folder)
    (new,) = pins(folder) - before
    assert new.startswith("iniconfig==")
    assert before < pins(folder)


def test_the_platform_itself_is_in_no_lock(folder: Path) -> None:
    (folder / "requirements.txt").unlink()
    lock(folder)
    assert not any(pin.startswith("slipway") for pin in pins(folder))


def test_a_dependency_that_does_not_exist_leaves_the_lock_as_it_was(
    folder: Path,
) -> None:
    before = (folder / "requirements.txt").read_text()
    project = (folder / "pyproject.toml").read_text()
    impossible = project.replace("scikit-learn>=1.7", "scikit-learn>=9000")
    (folder / "pyproject.toml").write_text(impossible)
    with pytest.raises(StepFailedError, match="scikit-learn"):
        lock(folder)
    assert (folder / "requirements.txt").read_text() == before


def pins(folder: Path) -> set[str]:
    lines = (folder / "requirements.txt").read_text().splitlines()
    return {line.rstrip(" \\") for line in lines if line[0].isalpha()}
