import contextlib
import sqlite3
import threading
from typing import get_args

import pytest

from slipway.errors import SlipwayError
from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.selection import Bound, Selection, statement
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
    Store,
)
from slipway.sagemaker_local.summaries import SUMMARIES


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "state.sqlite")
    yield store
    store.close()


def record(name, created_at=1.0, **values):
    return Record(
        arn=f"arn:{name}",
        kind="training-job",
        region="eu-west-1",
        name=name,
        status="InProgress",
        created_at=created_at,
        modified_at=created_at,
        **values,
    )


def selection(**values):
    return Selection(kind="training-job", region="eu-west-1", **values)


def names(found):
    return [each.name for each in found]


def test_a_record_comes_back_as_it_was_stored(store):
    made = record("a", description={"x": [1, None]}, execution={"handle": "h"})

    store.create(made, {"k": "v"})

    assert store.get("arn:a") == made
    assert store.tags("arn:a") == {"k": "v"}


def test_only_one_of_many_creates_wins(store):
    outcomes = []

    def create():
        try:
            store.create(record("a"), {})
            outcomes.append("made")
        except RecordExistsError:
            outcomes.append("there")

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made", *["there"] * 7]


def test_changes_from_many_threads_are_not_lost(store):
    store.create(record("a", execution={"count": 0}), {})

    def count():
        for _ in range(10):
            store.change(
                "arn:a",
                lambda old: old.with_execution(count=old.execution["count"] + 1),
            )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.get("arn:a").execution == {"count": 40}


def test_a_change_that_raises_changes_nothing(store):
    store.create(record("a"), {})

    def fail(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change("arn:a", fail)

    assert store.get("arn:a") == record("a")


def test_a_missing_record_cannot_be_changed(store):
    with pytest.raises(RecordMissingError):
        store.change("arn:a", lambda old: old)


def test_a_deleted_record_takes_its_tags_along(store):
    store.create(record("a"), {"k": "v"})

    store.delete("arn:a")

    assert (store.get("arn:a"), store.tags("arn:a")) == (None, {})


def test_pages_follow_each_other_in_both_directions(store):
    for index, name in enumerate("abcd"):
        store.create(record(name, created_at=index // 2), {})

    for descending in (False, True):
        first = store.select(selection(limit=2, descending=descending))
        last = first[-1].key("created_at")
        rest = store.select(selection(after=last, descending=descending))
        expected = list("dcba" if descending else "abcd")
        assert names(first) + names(rest) == expected


def test_a_selection_filters(store):
    for index, name in enumerate(("one", "two", "o_e")):
        store.create(record(name, created_at=index), {})

    assert names(store.select(selection(name_contains="_"))) == ["o_e"]
    assert names(store.select(selection(bounds=(Bound("created_at", ">", 0.5),)))) == [
        "two",
        "o_e",
    ]
    assert names(store.select(selection(bounds=(Bound("created_at", "<", 1),)))) == [
        "one"
    ]
    assert store.select(selection(status="Failed")) == []
    assert names(store.having("training-job", ("InProgress",))) == ["one", "two", "o_e"]


def test_another_versions_state_is_refused(store, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(SlipwayError, match="layout 99 is not this version's"):
        Store(tmp_path / "state.sqlite")


def test_a_state_without_summaries_gets_them(store, tmp_path):
    store.create(record("a", description={"TrainingJobName": "a", "Big": "x"}), {})
    store.close()
    path = tmp_path / "state.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for name in ("created_at", "name", "status"):
            connection.execute(f"DROP INDEX listing_by_{name}")
        connection.execute("ALTER TABLE resource DROP COLUMN summary")

    again = Store(path)

    (found,) = again.select(selection())
    assert found.members == {"TrainingJobName": "a"}
    assert again.get("arn:a").description["Big"] == "x"
    again.close()


def test_changes_made_together_are_all_there_or_none(store):
    def create_twice():
        with store.together():
            store.create(record("a"), {})
            store.create(record("a"), {})

    with pytest.raises(RecordExistsError):
        create_twice()

    assert store.get("arn:a") is None


def test_a_deletion_that_is_refused_changes_nothing(store):
    store.create(record("a"), {"k": "v"})

    def refuse(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.delete("arn:a", refuse)

    assert store.tags("arn:a") == {"k": "v"}


@pytest.mark.parametrize("order", ["created_at", "name", "status"])
@pytest.mark.parametrize("filters", [{}, {"status": "Failed"}, {"name_contains": "x"}])
def test_a_listing_finds_its_page_in_an_index_alone(store, order, filters):
    sql, values = statement(selection(order=order, **filters))

    plan = store._rows(f"EXPLAIN QUERY PLAN {sql}", values)

    steps = [row["detail"] for row in plan]
    assert [step for step in steps if "COVERING INDEX listing_by" in step]
    assert sum("TEMP B-TREE" in step for step in steps) <= 1


def test_every_kind_has_a_summary():
    assert set(SUMMARIES) == set(get_args(Kind))
