"""Every test of the controller's tables runs on SQLite and on PostgreSQL."""

import itertools
import shutil

import pytest

from slipway.controller.deployments import deploy
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Store
from slipway.testing.invariants import history_is_the_state
from slipway.testing.postgres import running_postgres
from slipway.testing.rollout_world import RolloutWorld
from slipway.testing.rows import run_row

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres():
    with running_postgres(durable=False) as server:
        migrate_once(server.create_database("migrated"))
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "controller.db"
    migrate_once(f"sqlite:///{path}")
    return path


def migrate_once(url):
    database = Database(url)
    migrate(database)
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request):
    return request.param


@pytest.fixture
def empty_database(kind, request, tmp_path):
    """A database of its own, without a table."""
    if kind == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/folder/empty.db")
    else:
        server = request.getfixturevalue("postgres")
        made = Database(server.create_database(f"empty_{next(_numbers)}"))
    yield made
    made.engine.dispose()


@pytest.fixture
def url(kind, request, tmp_path):
    """The address of a database of its own, with the controller's tables."""
    if kind == "sqlite":
        path = tmp_path / "controller.db"
        shutil.copy(request.getfixturevalue("sqlite_file"), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres")
    return server.create_database(f"test_{next(_numbers)}", template="migrated")


@pytest.fixture
def database(url):
    made = Database(url)
    yield made
    made.engine.dispose()


@pytest.fixture
def store(database):
    """Tables with one run, `r1`."""
    made = Store(database)
    made.add(run_row("r1"))
    return made


@pytest.fixture
def world(database, tmp_path):
    made = RolloutWorld(database, tmp_path)
    yield made
    assert history_is_the_state(database) == []


@pytest.fixture
def serving(world):
    """A world whose version 1 serves; version 2 is approved."""
    deploy(world.context(), "r1", world.version("a"))
    world.version("b")
    return world
