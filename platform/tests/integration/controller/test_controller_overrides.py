import pytest

from slipway.controller.orm import ConfigOverride
from slipway.controller.store.clock import DatabaseClock, seconds_now
from slipway.controller.store.overrides import Wanted, override_page, set_override
from slipway.errors import ConflictError, InvalidRequestError
from slipway.testing.rows import ENVIRONMENT, MODEL


def override(store, value, *, lasts=3600.0, key="instances.train"):
    return ConfigOverride(
        environment=ENVIRONMENT,
        model=MODEL,
        key=key,
        value=value,
        actor="ada",
        purpose="a try",
        expires_at=seconds_now(store.database) + lasts,
    )


def seen(store):
    found = override_page(store.database, Wanted(MODEL, ENVIRONMENT), limit=9)[::-1]
    return [(listed.row.value, listed.state, listed.counts) for listed in found]


def test_a_new_value_takes_the_place_of_the_old_one_and_both_are_kept(store):
    set_override(store, override(store, '"a"'))
    set_override(store, override(store, '"b"'))
    set_override(store, override(store, "2", key="endpoint.instance_count"))

    assert seen(store) == [
        ('"a"', "replaced", False),
        ('"b"', "active", True),
        ("2", "active", True),
    ]


def test_an_override_ends_by_the_databases_clock(store):
    set_override(store, override(store, "1", lasts=-1.0))
    assert seen(store) == [("1", "expired", False)]

    set_override(store, override(store, "2"))

    assert seen(store) == [("1", "expired", False), ("2", "active", True)]
    history = store.records.history("config_override", 1)
    assert [change.trigger for change in history] == ["create", "expire"]


def test_the_same_key_of_another_model_is_another_override(store):
    other = override(store, "2")
    other.model = "another"
    set_override(store, other)
    set_override(store, override(store, "1"))

    assert seen(store) == [("1", "active", True)]


def test_of_two_who_set_a_key_at_once_one_is_told_and_nothing_of_it_is_kept(
    store, monkeypatch
):
    theirs = override(store, "2")
    monkeypatch.setattr(
        "slipway.controller.store.overrides.active_overrides", lambda *_: []
    )
    set_override(store, theirs)

    with pytest.raises(ConflictError, match=r"invoke config\.list churn"):
        set_override(store, override(store, "1"))

    monkeypatch.undo()
    assert seen(store) == [("2", "active", True)]


def test_a_value_that_was_checked_without_the_others_that_count_is_not_set(store):
    first = set_override(store, override(store, "1"))
    other = {"value": "2", "key": "endpoint.instance_count"}

    with pytest.raises(ConflictError, match="while 'endpoint"):
        set_override(store, override(store, **other), beside=[])

    set_override(store, override(store, **other), beside=[first.id])
    assert [value for value, _state, counts in seen(store) if counts] == ["1", "2"]


def test_how_long_something_stands_is_told_by_the_databases_clock(
    database, monkeypatch
):
    clock = DatabaseClock(database)
    near = abs(clock().timestamp() - seconds_now(database))
    monkeypatch.setattr(
        "slipway.controller.store.clock.seconds_now", lambda _database: 1000.0
    )
    elsewhere = DatabaseClock(database)().timestamp()

    assert near < 60
    assert (round(elsewhere) == 1000) == (database.kind == "postgresql")


@pytest.mark.parametrize(
    ("column", "given", "called"),
    [
        ("purpose", "x" * 1025, "reason"),
        ("value", f'"{"x" * 2047}"', "value"),
        ("key", "k" * 201, "key"),
    ],
)
def test_what_is_too_long_to_be_kept_is_refused_in_words(store, column, given, called):
    row = override(store, "1")
    setattr(row, column, given)

    with pytest.raises(InvalidRequestError, match=f"The {called} of .* kept at most"):
        set_override(store, row)

    assert seen(store) == []


def test_what_is_as_long_as_can_be_kept_is_set(store):
    row = override(store, f'"{"x" * 2046}"')
    row.purpose = "ü" * 1024

    set_override(store, row)

    assert [counts for _value, _state, counts in seen(store)] == [True]
