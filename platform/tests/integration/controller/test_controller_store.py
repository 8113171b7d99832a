import datetime as dt
import multiprocessing

import pytest

from slipway.controller.store import Database, Store
from slipway.errors import ConflictError, IllegalTransitionError, UnavailableError
from slipway.testing.rows import run_row, version_row

WRITERS, WRITES = 4, 40


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


def test_a_row_that_somebody_else_amended_in_the_same_state_is_not_written_over(store):
    mine, theirs = store.records.run("r1"), store.records.run("r1")
    store.amend(theirs, reason="theirs")

    with pytest.raises(ConflictError, match="changed by somebody else"):
        store.amend(mine, reason="mine")

    assert store.records.run("r1").reason == "theirs"


def test_an_illegal_transition_changes_nothing_and_leaves_no_history(store):
    row = store.records.run("r1")

    with pytest.raises(IllegalTransitionError) as refusal:
        store.advance(row, "resume")

    assert str(refusal.value).startswith(
        "Run r1 of churn cannot 'resume' from 'running'; from there it can:"
        " succeed (to succeeded), fail (to failed)"
    )

    assert [t.trigger for t in store.records.history("run", row.id)] == ["create"]


def test_a_second_row_of_one_name_is_a_conflict(store):
    with pytest.raises(ConflictError):
        store.add(run_row("r1"))


def test_versions_are_numbered_and_an_equal_one_is_not_registered_twice(store):
    first, second, again = (
        store.register(version_row(digest)) for digest in ("a", "b", "a")
    )

    assert (first.version, second.version, again.version) == (1, 2, 1)


def test_a_database_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "controller.db").mkdir()
    store = Store(Database(f"sqlite:///{tmp_path}/controller.db"))

    with pytest.raises(UnavailableError, match=r"controller\.db cannot be used"):
        store.records.run("r1")


def _write(url, number):
    database = Database(url)
    store = Store(database)
    for count in range(WRITES):
        store.add(run_row(f"{number}-{count}"))
        row = store.records.run(f"{number}-{count}")
        store.advance(row, "succeed")
    database.engine.dispose()


def test_processes_that_write_at_once_lose_nothing(store, url):
    store.advance(store.records.run("r1"), "succeed")
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(url, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    runs = store.records.latest_runs("churn", "local", WRITERS * WRITES + 2)
    assert len(runs) == WRITERS * WRITES + 1
    assert {run.state for run in runs} == {"succeeded"}
