"""What goes into an image, and its digest."""

import ast
import tomllib
from pathlib import Path

import pytest

import slipway
from slipway.errors import InvalidRequestError
from slipway.images.contents import SHIPPED, Contents, read_contents

ROOT = Path(__file__).resolve().parents[4]
PLATFORM = Path(slipway.__file__).parent


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "churn"
    for name in ("Dockerfile", "requirements.txt", "model.yaml", "model.py"):
        write(folder / name, name)
    write(folder / "features" / "ages.py", "ages")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def digest(folder: Path, base: str = "python:3.11") -> str:
    return read_contents(folder, base=base).digest


def test_the_same_files_have_the_same_digest(model: Path) -> None:
    assert digest(model) == digest(model)


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "requirements.txt", "model.yaml", "model.py", "features/ages.py"],
)
def test_a_changed_file_changes_the_digest(model: Path, name: str) -> None:
    before = digest(model)
    write(model / name, "changed")
    assert digest(model) != before


@pytest.mark.parametrize(
    "name",
    [
        ".copier-answers.yml",
        ".ruff_cache/x",
        "README.md",
        "__pycache__/model.pyc",
        "features/.hidden",
        "features/__pycache__/ages.pyc",
        "fixtures/request.json",
        "pyproject.toml",
        "tests/test_churn.py",
    ],
)
def test_a_file_that_no_image_runs_leaves_the_digest_alone(
    model: Path, name: str
) -> None:
    before = digest(model)
    write(model / name, "new")
    assert digest(model) == before


def test_a_renamed_file_changes_the_digest(model: Path) -> None:
    before = digest(model)
    (model / "model.py").rename(model / "other.py")
    assert digest(model) != before


def test_another_base_changes_the_digest(model: Path) -> None:
    assert digest(model) != digest(model, base="slipway-base:bookworm")


def test_the_runtime_digest_stays_when_only_the_models_code_changes(
    model: Path,
) -> None:
    before = read_contents(model, base="b")
    write(model / "model.py", "changed")
    after = read_contents(model, base="b")
    assert before.runtime_digest == after.runtime_digest
    assert before.digest != after.digest


def test_the_uri_is_the_registry_the_dashed_name_and_the_digest() -> None:
    contents = Contents("churn_risk", "b", {})
    short = contents.digest.removeprefix("sha256:")[:16]
    expected = f"123.dkr.ecr.eu-west-1.amazonaws.com/slipway/churn-risk:{short}"
    assert contents.uri("123.dkr.ecr.eu-west-1.amazonaws.com") == expected


@pytest.mark.parametrize("name", ["Dockerfile", "requirements.txt"])
def test_a_folder_without_its_build_files_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(InvalidRequestError, match=f"{name} is missing"):
        digest(model)


def test_what_ships_is_the_container_layer_and_all_it_imports() -> None:
    needed, waiting = set(), ["container"]
    while waiting:
        part = waiting.pop()
        if part not in needed:
            needed.add(part)
            waiting += imported_by(part)
    shipped = {name.removesuffix(".py") for name in SHIPPED}
    assert needed | {"__init__", "py.typed"} == shipped


def test_what_ships_is_at_or_below_the_container_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    (layers,) = (
        contract["layers"]
        for contract in settings["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    below = {
        name.strip()
        for layer in layers[layers.index("container") :]
        for name in layer.split("|")
    }
    shipped = {name.removesuffix(".py") for name in SHIPPED}
    assert shipped - {"__init__", "py.typed"} <= below


def imported_by(part: str) -> set[str]:
    """Return the parts of slipway that the sources of `part` import."""
    whole = PLATFORM / part
    files = [*whole.rglob("*.py")] if whole.is_dir() else [whole.with_suffix(".py")]
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            found |= {n.split(".")[1] for n in names if n.startswith("slipway.")}
    return found
