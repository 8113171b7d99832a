import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from lease_worker import worker
from sqlalchemy import delete

from slipway.controller.exclusive import holder_of, moving, unless_moving
from slipway.controller.orm import Lease
from slipway.controller.store import Leases
from slipway.controller.store.moment import database_now
from slipway.errors import FencedError
from slipway.testing.invariants import history_is_the_state, no_stale_writer
from slipway.testing.rows import operation_row
from slipway.testing.waiting import wait_until

RESOURCE = "local/churn"
SHORT, LONG = 0.6, 3600.0


@pytest.fixture
def leases(store):
    return Leases(store.database)


def taken(leases, holder="a"):
    return leases.take(RESOURCE, leases.seen(RESOURCE), holder=holder)


def silent(_seen):
    """Hear that somebody else holds the lease, and wait."""


@contextlib.contextmanager
def other_process(url, folder, seconds):
    """A worker that holds the lease, and writes the trigger that it is sent."""
    command = [sys.executable, str(Path(__file__).with_name("lease_worker.py"))]
    process = subprocess.Popen(
        [*command, url, str(folder), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_each_holder_has_a_greater_token_than_the_one_before(leases):
    tokens = []
    for holder in "abc":
        held = taken(leases, holder)
        tokens.append(held.token)
        leases.release(held)

    assert tokens == [1, 2, 3]


def test_of_two_who_saw_the_same_lease_one_takes_it(leases):
    leases.release(taken(leases))
    seen = leases.seen(RESOURCE)

    both = [leases.take(RESOURCE, seen, holder=holder) for holder in "bc"]

    assert [held is not None for held in both] == [True, False]
    assert leases.seen(RESOURCE).holder == "b"


def test_who_lost_the_lease_writes_nothing_any_more(store, leases):
    mine = store.fenced(taken(leases, "a"))
    mine.add(operation_row("k"))
    theirs = store.fenced(taken(leases, "b"))
    run = store.records.run("r1")

    with pytest.raises(FencedError, match="nothing was written"):
        mine.advance(run, "stop")
    with pytest.raises(FencedError):
        mine.amend(run, reason="mine")
    with pytest.raises(FencedError):
        mine.add(operation_row("other"))

    assert store.records.run("r1").revision == 1
    assert theirs.advance(run, "stop").state == "stopped"
    assert no_stale_writer(store.database) == []
    assert history_is_the_state(store.database) == []


def test_a_lease_that_was_let_go_fences_its_last_holder(store, leases):
    held = taken(leases)
    leases.release(held)

    with pytest.raises(FencedError):
        store.fenced(held).add(operation_row("k"))


def test_a_holder_of_before_the_database_was_restored_is_no_holder_of_today(
    store, leases
):
    """The tokens begin again where they were, and an old one is given anew."""
    held = taken(leases, "a")
    leases.release(held)
    with store.database.transaction() as connection:
        connection.execute(delete(Lease))
    assert taken(leases, "b").token == held.token

    with pytest.raises(FencedError):
        store.fenced(held).add(operation_row("k"))
    with pytest.raises(FencedError):
        store.fenced(held).confirm()
    assert not leases.renew(held)


@pytest.mark.parametrize("lost", ["local/churn/run/r1", RESOURCE])
def test_who_holds_two_leases_writes_nothing_when_one_is_lost(store, leases, lost):
    mine = store
    for resource in ("local/churn/run/r1", RESOURCE):
        held = leases.take(resource, leases.seen(resource), holder="a")
        mine = mine.fenced(held)
    made = mine.add(operation_row("k"))
    assert mine.advance(made, "submit").state == "submitted"
    leases.take(lost, leases.seen(lost), holder="b")

    with pytest.raises(FencedError, match=f"holds {lost} now"):
        mine.advance(store.records.run("r1"), "stop")
    with pytest.raises(FencedError, match=f"holds {lost} now"):
        mine.add(operation_row("other"))
    with mine.unfenced().changing() as changes:
        assert changes.advance(store.records.run("r1"), "stop").state == "stopped"
    assert no_stale_writer(store.database) == []


def test_who_confirms_its_leases_holds_them_for_a_whole_lease_from_then(store, leases):
    brief = Leases(store.database, seconds=0.0)
    held = brief.take(RESOURCE, None, holder="a")
    mine = store.fenced(leases.take("local/churn/run/r1", None, holder="a"))
    mine = mine.fenced(replace(held, seconds=LONG))
    assert leases.seen(RESOURCE).left <= 0

    mine.confirm()

    assert leases.seen(RESOURCE).left > LONG / 2


@pytest.mark.parametrize("lost", ["taken", "let go"])
def test_who_lost_a_lease_can_confirm_none_of_them(store, leases, lost):
    held = taken(leases, "a")
    mine = store.fenced(leases.take("local/churn/run/r1", None, holder="a"))
    if lost == "taken":
        taken(leases, "b")
    else:
        leases.release(held)

    with pytest.raises(FencedError, match=f"holds {RESOURCE} now"):
        mine.fenced(held).confirm()

    assert leases.seen("local/churn/run/r1").renewals == 0


def test_a_lock_file_is_removed_with_its_lease_and_the_next_one_locks_another(
    database, store, tmp_path
):
    places = []
    for _ in range(2):
        with moving(worker(database, tmp_path, LONG), silent) as held:
            places.append(held.leases.seen(RESOURCE).place)
            assert (tmp_path / "churn").read_text() == places[-1]
        assert not (tmp_path / "churn").exists()

    assert len(set(places)) == 2


def test_a_holder_renews_its_lease_while_it_works(database, store, tmp_path):
    mine = worker(database, tmp_path, SHORT)

    with moving(mine, silent):
        wait_until(lambda: mine.leases.seen(RESOURCE).renewals >= 4, seconds=30)
        assert mine.leases.seen(RESOURCE).left > 0
    assert mine.leases.seen(RESOURCE).holder == ""


def test_one_who_waits_is_told_for_whom_and_follows(database, store, tmp_path):
    told, order = [], []
    first, second = (worker(database, tmp_path, LONG) for _ in range(2))

    def follow():
        with moving(second, told.append) as held:
            order.append(held.store.held[-1].token)

    with moving(first, silent) as held:
        waiting = threading.Thread(target=follow)
        waiting.start()
        wait_until(lambda: told, seconds=30)
        with unless_moving(second) as nothing:
            assert nothing is None
        order.append(held.store.held[-1].token)
        holder = held.store.held[-1].holder
    waiting.join()

    assert {seen.holder for seen in told} == {holder}
    assert holder_of(told[0]).startswith(f"{holder}, since 20")
    assert order == [1, 2]


def test_a_holder_that_was_killed_on_this_machine_is_followed_at_once(
    url, database, store, tmp_path
):
    with other_process(url, tmp_path, LONG) as process:
        process.kill()
        process.wait()

        with moving(worker(database, tmp_path, LONG), silent) as held:
            assert held.store.held[-1].token == 2


def test_a_holder_on_another_machine_is_followed_when_its_lease_has_run_out(
    url, database, store, tmp_path
):
    with other_process(url, tmp_path / "there", SHORT) as process:
        process.kill()
        process.wait()

        with moving(worker(database, tmp_path / "here", SHORT), silent) as held:
            assert held.store.held[-1].token == 2


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing(
    url, database, store, tmp_path
):
    with other_process(url, tmp_path, SHORT) as process:
        os.kill(process.pid, signal.SIGSTOP)
        with moving(worker(database, tmp_path, SHORT), silent) as held:
            run = held.store.advance(held.store.records.run("r1"), "fail", "mine")

            os.kill(process.pid, signal.SIGCONT)
            process.stdin.write("resume\n")
            process.stdin.flush()

            assert process.stdout.readline() == "fenced\n"
            assert store.records.run("r1").revision == run.revision
    assert no_stale_writer(database) == history_is_the_state(database) == []


def test_no_living_holder_is_robbed_when_the_databases_clock_jumps(
    database, store, tmp_path
):
    skew, holders = [0.0], []
    clock = {"now": lambda: database_now() + skew[0]}
    first, second = (worker(database, tmp_path / m, SHORT, **clock) for m in "ab")

    def follow():
        with moving(second, silent):
            holders.append("second")

    with moving(first, silent) as held:
        waiting = threading.Thread(target=follow)
        waiting.start()
        for jump in (LONG, -LONG):
            skew[0] = jump
            before = first.leases.seen(RESOURCE).renewals
            wait_until(
                lambda before=before: first.leases.seen(RESOURCE).renewals > before + 3,
                seconds=30,
            )
        assert holders == []
        held.store.advance(held.store.records.run("r1"), "stop")
    waiting.join()

    assert holders == ["second"]
