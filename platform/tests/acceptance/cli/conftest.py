"""One checkout for the command line's tests; nothing is deployed in it."""

from pathlib import Path

import pytest

from slipway.testing.checkout import checkout

SOURCE = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A checkout whose local stack is not up yet."""
    with checkout(
        tmp_path_factory.mktemp("cli") / "checkout", SOURCE, "process"
    ) as made:
        yield made
