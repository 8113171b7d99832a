from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.testing.model_folder import ModelFolder
from slipway.testing.toy_model import write_toy_model

Toy = Callable[..., ModelFolder]


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Return a function that writes the toy model, with some of its files changed."""

    def write(**changes: str) -> ModelFolder:
        files = {name.replace("__", "."): text for name, text in changes.items()}
        return ModelFolder(write_toy_model(tmp_path / "models", changes=files))

    return write
