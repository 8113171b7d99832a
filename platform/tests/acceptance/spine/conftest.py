"""One checkout, one local stack and one deployed model for the spine's tests."""

import shutil
from pathlib import Path

import pytest

from slipway.testing.checkout import checkout

SOURCE = Path(__file__).parents[4]
MODEL = "tumor_malignancy"
DATE = "2026-01-31"


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A checkout whose local stack runs processes, with a filled warehouse."""
    root = tmp_path_factory.mktemp("spine") / "checkout"
    with checkout(root, SOURCE, "process") as made:
        seeded = made.invoke("warehouse.seed")
        assert seeded.exit_code == 0, seeded.errors
        yield made


@pytest.fixture(scope="session")
def deployed(home):
    """What the first deployment of the example model printed."""
    outcome = home.invoke("deploy", "--model", MODEL, "--date", DATE, "--json")
    assert outcome.exit_code == 0, outcome.errors
    return outcome.data


@pytest.fixture
def model(home):
    """Make a copy of the example model under another name, to be spoiled."""

    def copy(name, **edits):
        folder = home.root / "models" / name
        shutil.copytree(home.root / "models" / MODEL, folder)
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix in {".py", ".yaml", ".toml"}:
                path.write_text(path.read_text().replace(MODEL, name))
        for file, (old, new) in edits.items():
            edit(folder, file, old, new)
        return folder

    return copy


def edit(folder, file, old, new):
    """Replace text that must be there in `model_yaml`, `model_py`, `extract_sql`."""
    stem, _, suffix = file.rpartition("_")
    path = folder / f"{stem}.{suffix}"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
