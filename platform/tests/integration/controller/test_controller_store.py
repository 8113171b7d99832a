import datetime as dt
import multiprocessing

import pytest
from alembic import command
from sqlalchemy import inspect

from slipway.controller.orm import ModelVersion, Row, Run
from slipway.controller.schema import HEAD, alembic_config, current, migrate
from slipway.controller.store import Database, Store
from slipway.errors import ConflictError, IllegalTransitionError, UnavailableError

WRITERS, WRITES = 4, 40


def opened(url):
    database = Database(url)
    migrate(database)
    return Store(database)


def run_row(run_id):
    return Run(
        run_id=run_id,
        model="churn",
        environment="local",
        run_date=dt.date(2026, 1, 31),
        parameters={"a": [1, None, "ü"]},
    )


def version_row(digest):
    return ModelVersion(
        environment="local",
        model="churn",
        run_id="r1",
        artifact_digest=digest,
        artifact_uri="",
        archive_sha256="",
        image_uri="i",
        metrics={},
        lineage={},
    )


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/folder/controller.db"


@pytest.fixture
def database(url):
    made = Database(url)
    yield made
    made.engine.dispose()


@pytest.fixture
def store(database):
    migrate(database)
    made = Store(database)
    made.add(run_row("r1"))
    return made


def test_what_was_written_is_read_back_with_its_time_zone(store):
    row = store.records.run("r1")

    assert row.parameters == {"a": [1, None, "ü"]}
    assert row.created_at.tzinfo is dt.UTC


def test_a_row_that_somebody_else_changed_is_not_written_over(store):
    mine, theirs = store.records.run("r1"), store.records.run("r1")
    store.advance(theirs, "stop")

    with pytest.raises(ConflictError, match="changed by somebody else"):
        store.advance(mine, "succeed")

    assert store.records.run("r1").state == "stopped"


def test_an_illegal_transition_changes_nothing_and_leaves_no_history(store):
    row = store.records.run("r1")

    with pytest.raises(IllegalTransitionError):
        store.advance(row, "resume")

    assert [t.trigger for t in store.records.history("run", row.id)] == ["create"]


def test_a_second_row_of_one_name_is_a_conflict(store):
    with pytest.raises(ConflictError):
        store.add(run_row("r1"))


def test_versions_are_numbered_and_an_equal_one_is_not_registered_twice(store):
    first, second, again = (
        store.register(version_row(digest)) for digest in ("a", "b", "a")
    )

    assert (first.version, second.version, again.version) == (1, 2, 1)


def test_at_most_one_version_is_live(store):
    first, second = (store.register(version_row(digest)) for digest in "ab")
    for version in (first, second, first):
        store.promote(version, "test")
        states = {v.version: v.state for v in store.records.versions("churn", "local")}
        assert list(states.values()).count("live") == 1
        assert states[version.version] == "live"


def test_the_migrations_make_the_tables_that_the_code_expects(database):
    migrate(database)

    assert current(database) == HEAD
    made = inspect(database.engine)
    for table in Row.metadata.tables.values():
        columns = {column["name"] for column in made.get_columns(table.name)}
        assert columns == set(table.columns.keys())


def test_the_migrations_go_back_and_forth(database):
    migrate(database)
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.check(config)


def test_a_database_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "controller.db").mkdir()
    store = Store(Database(f"sqlite:///{tmp_path}/controller.db"))

    with pytest.raises(UnavailableError, match=r"controller\.db cannot be used"):
        store.records.run("r1")


def _write(url, number):
    store = Store(Database(url))
    for count in range(WRITES):
        store.add(run_row(f"{number}-{count}"))
        row = store.records.run(f"{number}-{count}")
        store.advance(row, "succeed")


def test_processes_that_write_at_once_lose_nothing(url):
    store = opened(url)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(url, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    runs = store.records.latest_runs("churn", "local", WRITERS * WRITES + 1)
    assert len(runs) == WRITERS * WRITES
    assert {run.state for run in runs} == {"succeeded"}
