import re

import pytest
from alembic import command
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import Row, Step
from slipway.controller.schema import HEAD, alembic_config, current, migrate
from slipway.controller.states import CHARTS
from slipway.controller.store import Store
from slipway.testing.invariants import history_is_the_state
from slipway.testing.rows import version_row

AT = "2026-01-31 05:00:00"
STATEFUL = {"revision": 1, "reason": "", "created_at": AT, "changed_at": AT}


def to(database, revision):
    """Take a database forth or back to a migration."""
    with database.rebuilding() as connection:
        config = alembic_config(connection)
        older = revision == "base" or revision < (current(database) or "")
        (command.downgrade if older else command.upgrade)(config, revision)


def insert(connection, table, **values):
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of this file
    connection.execute(text(statement), values)


def fill(connection):
    """Write what a first release left behind: two rollouts, a retried job."""
    run = {"model": "churn", "environment": "local"}
    insert(
        connection,
        "run",
        run_id="r1",
        run_date="2026-01-31",
        parameters="{}",
        state="succeeded",
        **run,
        **STATEFUL,
    )
    for number, state in ((1, "failed"), (2, "succeeded")):
        insert(
            connection,
            "operation",
            key="k",
            generation=number,
            run_id="r1",
            payload="{}",
            resource="training_job",
            call="CreateTrainingJob",
            name=f"k-{number}",
            digest="d",
            arn="",
            request_id="",
            observed="",
            state=state,
            **STATEFUL,
        )
    for number, state in ((1, "superseded"), (2, "live")):
        insert(
            connection,
            "model_version",
            version=number,
            run_id="r1",
            artifact_digest=f"a{number}",
            artifact_uri="",
            archive_sha256="",
            image_uri="i",
            metrics="{}",
            lineage="{}",
            state=state,
            **run,
            **STATEFUL,
        )
    insert(
        connection,
        "step",
        run_id="r1",
        name="extract",
        digest="d",
        outputs="{}",
        reused_from="",
        seconds=1.0,
        state="succeeded",
        **run,
        **STATEFUL,
    )
    for number in (1, 2):
        insert(
            connection,
            "deployment",
            run_id="r1",
            endpoint_name="e",
            version=number,
            endpoint_config_name=f"c{number}",
            previous_config_name="",
            state="planned",
            **run,
            **STATEFUL,
        )
    insert(
        connection,
        "endpoint",
        name="e",
        desired_config_name="c2",
        desired_version=2,
        observed_status="InService",
        observed_config_name="c2",
        **run,
    )
    for kind, row_id, trigger, before, after in HISTORY:
        insert(
            connection,
            "transition",
            kind=kind,
            row_id=row_id,
            trigger=trigger,
            at=AT,
            from_state=before,
            to_state=after,
            actor="me",
            reason="",
        )


HISTORY = (
    ("run", 1, "create", "", "running"),
    ("run", 1, "succeed", "running", "succeeded"),
    ("step", 1, "create", "", "running"),
    ("step", 1, "succeed", "running", "succeeded"),
    ("operation", 1, "create", "", "intended"),
    ("operation", 1, "refuse", "intended", "failed"),
    ("operation", 2, "create", "", "intended"),
    ("operation", 2, "submit", "intended", "submitted"),
    ("operation", 2, "succeed", "submitted", "succeeded"),
    ("model_version", 1, "create", "", "approved"),
    ("model_version", 1, "promote", "approved", "live"),
    ("model_version", 2, "create", "", "approved"),
    ("model_version", 1, "supersede", "live", "superseded"),
    ("model_version", 2, "promote", "approved", "live"),
    ("deployment", 1, "create", "", "planned"),
    ("deployment", 2, "create", "", "planned"),
)


def states(database, table):
    with database.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT state FROM {table} ORDER BY id"))  # noqa: S608 - a name of this file
        return [state for (state,) in rows]


def test_the_migrations_make_the_tables_that_the_code_expects(empty_database):
    migrate(empty_database)

    assert current(empty_database) == HEAD
    with empty_database.rebuilding() as connection:
        command.check(alembic_config(connection))
    made = inspect(empty_database.engine)
    for table in Row.metadata.tables.values():
        columns = {column["name"] for column in made.get_columns(table.name)}
        assert columns == set(table.columns.keys())


@pytest.mark.parametrize("table", CHARTS)
def test_the_database_knows_the_states_of_each_chart_and_no_other(store, table):
    inspected = inspect(store.database.engine)

    [check] = inspected.get_check_constraints(table)

    words = set(re.findall(r"'(\w+)'", check["sqltext"]))
    assert words == set(CHARTS[table].names)


def test_a_state_that_no_chart_has_is_refused_by_the_database(store):
    with pytest.raises(IntegrityError), store.database.engine.begin() as connection:
        connection.execute(text("UPDATE run SET state = 'dreaming'"))


def test_the_migrations_go_back_and_forth(empty_database):
    for _ in range(2):
        to(empty_database, HEAD)
        to(empty_database, "base")
    assert set(inspect(empty_database.engine).get_table_names()) <= {"alembic_version"}


def test_what_a_first_release_wrote_is_carried_forth_and_back(empty_database):
    database = empty_database
    to(database, "0001")
    with database.engine.begin() as connection:
        fill(connection)

    for _ in range(2):
        to(database, HEAD)
        assert history_is_the_state(database) == []
        assert states(database, "model_version") == ["superseded", "champion"]
        assert states(database, "operation") == ["replaced", "succeeded"]
        assert states(database, "deployment") == ["superseded", "planned"]
        assert states(database, "endpoint") == ["absent"]
        assert states(database, "step") == ["succeeded"]
        assert Store(database).records.endpoint("e").desired_config_name == "c2"
        to(database, "0001")
        assert states(database, "model_version") == ["superseded", "live"]
        assert states(database, "operation") == ["failed", "succeeded"]
        assert states(database, "deployment") == ["planned", "planned"]


def test_what_was_given_up_is_stopped_for_an_older_release(store):
    database = store.database
    for name, triggers in STUCK.items():
        made = Step(run_id="r1", model="churn", environment="local", name=name)
        store.add(made, *triggers)
    store.advance(store.records.run("r1"), "give_up")

    to(database, "0010")
    assert states(database, "step") == ["stopped", "stopped", "succeeded", "queued"]
    assert states(database, "run") == ["stopped"]

    to(database, HEAD)
    assert history_is_the_state(database) == []


STUCK = {
    "extract": ("give_up",),
    "train": ("begin", "give_up", "stop"),
    "evaluate": ("begin", "give_up", "retry", "succeed"),
    "register": ("begin", "ask_stop", "give_up", "ask"),
}


def test_versions_that_only_their_image_tells_apart_are_carried_back(store):
    for digest in ("", "sha256:1", "sha256:2"):
        version = version_row("a")
        version.image_digest = digest
        store.register(version)

    to(store.database, "0011")

    with store.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT image_uri FROM model_version"))
        assert sorted(uri for (uri,) in rows) == ["i", "i@sha256:1", "i@sha256:2"]
    to(store.database, HEAD)


def test_two_who_migrate_at_once_both_find_it_done(empty_database):
    migrate(empty_database)
    with empty_database.rebuilding() as connection:
        command.upgrade(alembic_config(connection), "head")

    assert current(empty_database) == HEAD
