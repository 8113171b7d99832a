"""A checkout in which the pages are followed, as a reader would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_pages import ROOT

from slipway.testing.checkout import Checkout, checkout


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Return a checkout whose local stack runs processes."""
    root: Path = tmp_path_factory.mktemp("docs") / "checkout"
    with checkout(root, ROOT, "process") as made:
        yield made
