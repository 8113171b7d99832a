"""An Airflow of the tests' own: its home, its DAGs, and a controller in memory."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

AIRFLOW = Path(__file__).parents[1]
_HOME = tempfile.TemporaryDirectory(prefix="slipway-airflow-")

# Airflow reads its settings when it is imported, so before any fixture runs.
os.environ |= {
    "AIRFLOW_HOME": _HOME.name,
    "AIRFLOW__CORE__DAGS_FOLDER": str(AIRFLOW / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(AIRFLOW / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
}
sys.path[:0] = [str(AIRFLOW / "plugins"), str(AIRFLOW / "dags")]


@pytest.fixture
def controller(monkeypatch):
    """A controller in memory that Airflow's connection leads to."""
    from fake_controller import running_controller

    with running_controller() as fake:
        monkeypatch.setenv("AIRFLOW_CONN_SLIPWAY", fake.connection())
        yield fake


@pytest.fixture
def no_pauses(monkeypatch):
    """Have triggers ask again at once."""
    from slipway_airflow import leaving, triggers

    for module, name in ((triggers, "waking_pauses"), (leaving, "pauses")):
        monkeypatch.setattr(module, name, lambda **_: iter(lambda: 0.0, 1.0))


@pytest.fixture
def run_id(controller):
    """A run that was opened."""
    from task_rig import opened

    return opened()
