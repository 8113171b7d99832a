"""The REST API over a database of its own; nothing of it is served."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from rest_rig import served

from slipway.application.requests import TokenAsked
from slipway.application.rest.app import create_app
from slipway.application.tokens import ROLES, create_token
from slipway.application.workspace import Workspace
from slipway.controller.schema import migrate
from slipway.controller.store import Database
from slipway.settings import load_settings
from slipway.testing.fake_gateway import FakeGateway
from slipway.testing.rows import run_row

ROOT = Path(__file__).parents[4]


@dataclass(frozen=True)
class Api:
    """A client of the API, and what is behind it."""

    workspace: Workspace
    client: object
    #: A secret of each role.
    secrets: dict[str, str]

    def ask(self, method, path, body=None, role="admin", **headers):
        """Ask as a role; None: with no token."""
        if role is not None:
            headers["Authorization"] = f"Bearer {self.secrets.get(role, role)}"
        return self.client.open(path, method=method, json=body, headers=headers)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A file with the controller's tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "controller.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.engine.dispose()
    return path


@pytest.fixture
def api(tmp_path, migrated):
    (tmp_path / "local").mkdir()
    shutil.copy(migrated, tmp_path / "local" / "controller.db")
    settings = load_settings(ROOT, "local", {"SLIPWAY_STATE": str(tmp_path)})
    workspace = Workspace(settings)
    workspace.__dict__["gateway"] = FakeGateway()
    workspace.store.add(run_row("r1"))
    secrets = {
        role: create_token(workspace, TokenAsked(name=role, role=role)).secret
        for role in ROLES
    }
    app = create_app(workspace)
    yield Api(workspace, app.test_client(), secrets)
    workspace.store.database.engine.dispose()


@pytest.fixture
def url(api):
    """The application, served on a port of its own."""
    with served(api.client.application) as address:
        yield address


@pytest.fixture
def ended_secret(api):
    """The secret of a token that was good for a day, long ago."""
    store = api.workspace.store
    then = store.now()
    store.now = lambda: then - dt.timedelta(days=9)
    asked = TokenAsked(
        name="ended", role="admin", expires_at=then - dt.timedelta(days=8)
    )
    made = create_token(api.workspace, asked)
    store.now = lambda: then
    return made.secret
