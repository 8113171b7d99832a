"""A caller's key: answered once, taken over from who is gone, purged when it is old."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import func, select, update

from slipway.application.rest import answering
from slipway.application.worker import Worker
from slipway.controller.orm import KeptAnswer, Lease
from slipway.controller.store.answers import KEPT

END = ("POST", "/v1/runs/r1/end", {"state": "failed", "reason": "no data"})
OVERRIDES = "/v1/models/tumor_malignancy/overrides"
TRY = {"value": "ml.m5.2xlarge", "reason": "a try"}
PATIENCE = 60


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Frozen:
    """The first request of a test, which stands still until it wakes."""

    def __init__(self, api, pool, monkeypatch):
        self.api, self.pool = api, pool
        self.stands, self.wakes = threading.Event(), threading.Event()
        self.real, self.is_done, self.asked = answering.answer, False, END
        monkeypatch.setattr(answering, "answer", self.answer)
        monkeypatch.setattr(answering, "renewed", lambda *_lease: nullcontext())

    def answer(self, workspace, action, asked):
        if self.stands.is_set():
            return self.real(workspace, action, asked)
        made = self.real(workspace, action, asked) if self.is_done else None
        self.stands.set()
        assert self.wakes.wait(PATIENCE)
        return made or self.real(workspace, action, asked)

    def begin(self, *, is_done):
        """Ask, and return when the request stands still before its action, or after."""
        self.is_done = is_done
        self.answered = self.pool.submit(self.ask)
        assert self.stands.wait(PATIENCE)

    def ask(self):
        with self.api.client.application.test_client() as client:
            method, path, body = self.asked
            headers = {
                "Authorization": f"Bearer {self.api.secrets['admin']}",
                "Idempotency-Key": "k1",
            }
            return client.open(path, method=method, json=body, headers=headers)

    def lose_lease(self):
        gone = update(Lease).where(Lease.resource.startswith("answer/"))
        with self.api.workspace.store.database.transaction() as connection:
            connection.execute(gone.values(expires_at=0.0))

    def wake(self):
        self.wakes.set()
        return self.answered.result(PATIENCE)


@pytest.fixture
def frozen(api, pool, monkeypatch):
    made = Frozen(api, pool, monkeypatch)
    yield made
    made.wakes.set()


def count(api, table):
    with api.workspace.store.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def age(api):
    """Let every kept answer have begun just before its time was over."""
    old = api.workspace.store.now() - 2 * KEPT
    with api.workspace.store.database.transaction() as connection:
        connection.execute(update(KeptAnswer).values(begun_at=old))


def test_a_key_is_not_taken_over_while_who_answers_it_lives(api, frozen):
    frozen.begin(is_done=False)
    age(api)

    meanwhile = frozen.ask()
    first = frozen.wake()

    assert (meanwhile.status_code, first.status_code) == (503, 200)
    assert "is being answered: wait" in meanwhile.get_json()["detail"]
    assert frozen.ask().headers["Idempotency-Replayed"] == "true"
    assert count(api, Lease) == 0


def test_who_lost_the_lease_of_a_key_changes_nothing_any_more(api, frozen):
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=7)).isoformat()
    body = {**TRY, "expires_at": until}
    frozen.asked = ("POST", f"{OVERRIDES}/instances.train", body)
    frozen.begin(is_done=False)
    frozen.lose_lease()

    second = frozen.ask()
    first = frozen.wake()

    assert (second.status_code, first.status_code) == (200, 409)
    assert first.get_json()["code"] == "fenced"
    assert frozen.ask().get_json() == second.get_json()
    assert len(api.ask("GET", f"{OVERRIDES}?history=all").get_json()["items"]) == 1


def test_what_was_changed_for_a_key_by_who_is_gone_is_named_and_not_repeated(
    api, frozen
):
    frozen.begin(is_done=True)
    frozen.lose_lease()

    second = frozen.ask()
    first = frozen.wake()

    assert (second.status_code, first.status_code) == (409, 200)
    assert "had changed run 1 (fail)" in second.get_json()["detail"]
    assert frozen.ask().get_json() == first.get_json()


@pytest.mark.parametrize(("is_done", "status"), [(False, 200), (True, 409)])
def test_a_key_whose_request_broke_counts_if_it_changed_something(
    api, monkeypatch, is_done, status
):
    real, key = answering.answer, {"Idempotency-Key": "k1"}

    def broken(*asked):
        if is_done:
            real(*asked)
        raise ZeroDivisionError

    monkeypatch.setattr(answering, "answer", broken)
    first = api.ask(*END, **key)
    monkeypatch.setattr(answering, "answer", real)

    assert first.status_code == 500
    assert api.ask(*END, **key).status_code == status


def test_old_answers_are_purged_by_the_worker_and_living_requests_are_not(api, frozen):
    token = {"name": "one", "role": "viewer"}
    frozen.begin(is_done=False)
    api.ask("POST", "/v1/tokens", token, **{"Idempotency-Key": "old"})
    age(api)
    api.ask(
        "POST",
        "/v1/tokens",
        {**token, "name": "two"},
        **{"Idempotency-Key": "new"},
    )

    Worker(api.workspace).look()

    assert count(api, KeptAnswer) == 2
    assert frozen.wake().status_code == 200
    again = api.ask("POST", "/v1/tokens", token, **{"Idempotency-Key": "old"})
    assert again.status_code == 409
