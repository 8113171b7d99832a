"""Kept answers on both databases: one holder at a time, purged in bounded statements."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, insert, select, update

from slipway.controller.orm import KeptAnswer, Lease
from slipway.controller.store import Leases
from slipway.controller.store import answers as kept
from slipway.controller.store.answers import KEPT, Answers

NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
BEGUN = {"caller": "airflow", "key": "k", "request_digest": "d", "begun_at": NOW}


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_one_of_many_takes_a_key_over_and_the_lost_lease_is_gone_for_good(database):
    answers = Answers(database)
    first = answers.begin(KeptAnswer(**BEGUN), "dead")
    assert answers.begin(KeptAnswer(**BEGUN), "early") is None
    with database.transaction() as connection:
        connection.execute(update(Lease).values(expires_at=0.0))

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(
            lambda n: answers.begin(KeptAnswer(**BEGUN), f"w{n}"), range(8)
        )
        [second] = [held for held in found if held is not None]

    assert not Leases(database).renew(first)
    assert not answers.keep(first, 200, "{}")
    assert Leases(database).renew(second)
    assert answers.keep(second, 201, '{"a": 1}')
    assert answers.find("airflow", "k").body == '{"a": 1}'
    assert count(database, Lease) == 0


def test_a_renewed_lease_is_not_taken_over_and_another_request_never_takes_one(
    database,
):
    answers = Answers(database)
    held = answers.begin(KeptAnswer(**BEGUN), "slow")
    with database.transaction() as connection:
        connection.execute(update(Lease).values(expires_at=0.0))
    other = KeptAnswer(**{**BEGUN, "request_digest": "other"})

    assert answers.begin(other, "other") is None
    assert Leases(database).renew(held)
    assert answers.begin(KeptAnswer(**BEGUN), "early") is None
    answers.forget(held)
    assert answers.begin(other, "other") is not None


def test_a_purge_takes_what_is_old_in_bounded_statements_and_leaves_the_rest(
    database, monkeypatch
):
    monkeypatch.setattr(kept, "_BATCH", 10)
    answers = Answers(database)
    row = {**BEGUN, "status": 200, "body": "{}", "lease": ""}
    old = [{**row, "key": f"old{n}", "begun_at": NOW - 2 * KEPT} for n in range(25)]
    new = [{**row, "key": f"new{n}"} for n in range(3)]
    with database.transaction() as connection:
        connection.execute(insert(KeptAnswer), old + new)
    answers.begin(KeptAnswer(**{**BEGUN, "begun_at": NOW - 2 * KEPT}), "alive")
    left = []

    for _ in range(3):
        more = answers.purge(NOW)
        left.append((count(database, KeptAnswer), more))

    assert left == [(19, True), (9, True), (4, False)]
    with database.transaction() as connection:
        connection.execute(update(Lease).values(expires_at=0.0))
    answers.purge(NOW)
    assert (count(database, KeptAnswer), count(database, Lease)) == (3, 0)
