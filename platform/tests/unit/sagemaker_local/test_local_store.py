import threading

import pytest
import sqlalchemy as sa

from slipway.errors import SlipwayError
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
    Selection,
    Store,
)


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
        last = (first[-1].created_at, first[-1].arn)
        rest = store.select(selection(after=last, descending=descending))
        expected = list("dcba" if descending else "abcd")
        assert names(first) + names(rest) == expected


def test_a_selection_filters(store):
    for index, name in enumerate(("one", "two", "o_e")):
        store.create(record(name, created_at=index), {})

    assert names(store.select(selection(name_contains="_"))) == ["o_e"]
    assert names(store.select(selection(later_than={"created_at": 0.5}))) == [
        "two",
        "o_e",
    ]
    assert names(store.select(selection(earlier_than={"created_at": 1}))) == ["one"]
    assert store.select(selection(status="Failed")) == []
    assert names(store.having("training-job", ("InProgress",))) == ["one", "two", "o_e"]


def test_another_versions_state_is_refused(store, tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/state.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 99")
    engine.dispose()

    with pytest.raises(SlipwayError, match="layout 99 is not this version's"):
        Store(tmp_path / "state.sqlite")
