"""Where the images of these tests are kept: from one run to the next, as a user's are."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def store() -> Path:
    return ROOT / ".slipway" / "tests"


@pytest.fixture(scope="session")
def example() -> Path:
    return ROOT / "models" / "tumor_malignancy"
