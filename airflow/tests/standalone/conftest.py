"""One Airflow for every test of this folder: it takes a minute to start."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "airflow" / "tests")]


@pytest.fixture(scope="session")
def controller():
    """A controller in memory."""
    from fake_controller import running_controller

    with running_controller() as fake:
        yield fake


@pytest.fixture(scope="session")
def airflow(controller, tmp_path_factory):
    """A checkout with its Airflow up, which asks that controller."""
    from fake_controller import TOKEN

    from slipway.testing.checkout import checkout, free_port

    root = tmp_path_factory.mktemp("standalone") / "checkout"
    with pytest.MonkeyPatch.context() as patch, checkout(root, ROOT, "process") as made:
        patch.setenv("SLIPWAY_AIRFLOW_PORT", str(free_port()))
        patch.setenv("SLIPWAY_CONTROLLER_URL", controller.url)
        patch.setenv("SLIPWAY_CONTROLLER_TOKEN", TOKEN)
        try:
            outcome = made.invoke("airflow.up", "--json")
            assert outcome.exit_code == 0, outcome.errors
            yield made
        finally:
            made.invoke("airflow.down")
