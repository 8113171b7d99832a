"""One checkout, one controller and one Airflow for every test of this folder."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A checkout on ports of its own, whose controller is up."""
    from standalone_checkout import airflow_checkout, said

    from slipway.testing.checkout import free_port

    root = tmp_path_factory.mktemp("standalone") / "checkout"
    with pytest.MonkeyPatch.context() as patch, airflow_checkout(root) as made:
        for name in ("SLIPWAY_CONTROLLER", "SLIPWAY_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("SLIPWAY_CONTROLLER_PORT", str(free_port()))
        patch.setenv("SLIPWAY_AIRFLOW_PORT", str(free_port()))
        try:
            said(made.invoke("controller.up", "--json"))
            yield made
        finally:
            made.invoke("controller.down")


@pytest.fixture(scope="session")
def standalone(home):
    """Airflow, up."""
    from standalone_checkout import said
    from standalone_rig import Api, Standalone

    from slipway.application.airflow_api import AirflowApi
    from slipway.application.airflow_database import database_folder

    try:
        up = said(home.invoke("airflow.up", "--json"))
        token = AirflowApi.login(up["url"], up["user"], up["password"]).token
        controller = said(home.invoke("controller.up", "--json"))
        secret = Path(controller["token_file"]).read_text().strip()
        yield Standalone(
            home=home,
            airflow=Api(f"{up['url']}/api/v2", token),
            processes=up["processes"],
            controller=Api(f"{controller['url']}/v1", secret),
        )
    finally:
        home.invoke("airflow.down")
        shutil.rmtree(database_folder(home.state / "airflow"), ignore_errors=True)
