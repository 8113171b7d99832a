"""Steps asked for, attached to, stopped and begun again; no worker takes them here."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from slipway.application.taking import take_asked
from slipway.controller.claims import unless_running
from slipway.s3.faults import Fault
from slipway.s3.objects import Objects, S3Error
from slipway.testing.example_run import opened_example

MODEL = "tumor_malignancy"
EXTRACT = "/v1/runs/r2/steps/extract"


@pytest.fixture
def run(api):
    """A run of the example model, `r2`, frozen as an opening freezes it."""
    return opened_example(api.workspace.context(MODEL), "r2", "dag/1")


def states(api, name="extract"):
    store = api.workspace.store
    step = store.records.step("r2", name)
    return [change.to_state for change in store.records.history("step", step.id)]


def end(api, trigger, **columns):
    store = api.workspace.store
    step = store.records.step("r2", "extract")
    store.advance(step, ("begin", trigger), "because", **columns)


def test_a_step_that_is_asked_for_many_times_at_once_is_one_row(api, run):
    def ask(_number):
        return api.ask("POST", EXTRACT, {"attempt": 1}, role="operator")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.get_json()["state"] for answer in answers} == {"queued"}
    assert states(api) == ["queued"]


def test_a_step_that_failed_begins_again_for_a_greater_attempt_only(api, run):
    api.ask("POST", EXTRACT, {"attempt": 1})
    end(api, "fail", retryable=True)

    same = api.ask("POST", EXTRACT, {"attempt": 1}).get_json()
    next_one = api.ask("POST", EXTRACT, {"attempt": 2}).get_json()
    end(api, "succeed")
    done = api.ask("POST", EXTRACT, {"attempt": 9}).get_json()

    assert (same["state"], same["retryable"], same["ended"]) == ("failed", True, True)
    assert (next_one["state"], next_one["retryable"]) == ("queued", False)
    assert (done["state"], done["attempt"]) == ("succeeded", 2)


def test_a_step_waits_for_those_before_it_and_an_unknown_one_is_named(api, run):
    early = api.ask("POST", "/v1/runs/r2/steps/train", {})
    unknown = api.ask("POST", "/v1/runs/r2/steps/trane", {})
    never = api.ask("GET", "/v1/runs/r2/steps/train")
    older = api.ask("POST", "/v1/runs/r1/steps/extract", {})

    assert early.status_code == 409
    assert "needs extract, which is not begun" in early.get_json()["detail"]
    assert unknown.status_code == never.status_code == 404
    assert "Did you mean 'train'" in unknown.get_json()["detail"]
    assert older.status_code == 400
    assert "opened by an older release" in older.get_json()["detail"]


def test_a_step_that_nobody_took_is_stopped_at_once_and_an_ended_one_stays(api, run):
    api.ask("POST", EXTRACT, {"attempt": 1})

    stopped = api.ask("POST", f"{EXTRACT}/stop", role="operator")
    again = api.ask("POST", f"{EXTRACT}/stop")

    assert stopped.status_code == 202
    assert stopped.get_json()["state"] == again.get_json()["state"] == "stopped"
    assert states(api) == ["queued", "stopped"]


def test_what_a_dead_worker_was_stopping_is_stopped_by_the_next(api, run):
    store = api.workspace.store
    api.ask("POST", EXTRACT, {"attempt": 1})
    store.advance(store.records.step("r2", "extract"), "begin")
    asked = api.ask("POST", f"{EXTRACT}/stop").get_json()

    with unless_running(api.workspace.context_of(run), run) as held:
        take_asked(held, run, "extract", lambda: None)

    assert asked["state"] == "stopping"
    assert states(api) == ["queued", "running", "stopping", "stopped"]


def test_a_step_that_was_given_up_has_ended_and_is_asked_for_again(api, run):
    api.ask("POST", EXTRACT, {"attempt": 1})
    given_up(api, "give_up", retryable=True)

    seen = api.ask("GET", EXTRACT).get_json()
    again = api.ask("POST", EXTRACT, {"attempt": 2}).get_json()

    assert (seen["state"], seen["ended"], seen["retryable"]) == ("stuck", True, True)
    assert again["state"] == "queued"


@pytest.mark.parametrize(("attempt", "state"), [(1, "stopping"), (0, "stopped")])
def test_a_step_that_was_given_up_is_stopped_with_its_jobs(api, run, attempt, state):
    api.ask("POST", EXTRACT, {"attempt": 1})
    given_up(api, ("begin", "give_up"), attempt=attempt)

    stopped = api.ask("POST", f"{EXTRACT}/stop").get_json()

    assert stopped["state"] == state
    path = ["queued", "running", "stuck", "running", "stopping", "stopped"]
    assert states(api) == path[: path.index(state) + 1]


def given_up(api, triggers, **columns):
    store = api.workspace.store
    store.advance(store.records.step("r2", "extract"), triggers, "why", **columns)


def test_a_run_that_ended_goes_on_when_a_step_is_asked_for(api, run):
    api.ask("POST", "/v1/runs/r2/end", {"state": "failed", "reason": "late"})
    ended = api.ask("GET", "/v1/runs/r2").get_json()["state"]

    api.ask("POST", EXTRACT, {})

    assert ended == "failed"
    assert api.ask("GET", "/v1/runs/r2").get_json()["state"] == "running"


def test_a_key_finds_its_run_and_refuses_to_be_another(api, run):
    asked = {"model": MODEL, "key": "dag/1", "logical_date": "2026-01-31T09:00:00Z"}

    found = api.ask("POST", "/v1/runs", asked)
    other = api.ask("POST", "/v1/runs", {**asked, "logical_date": "2026-02-01"})

    assert (found.status_code, found.get_json()["run_id"]) == (200, "r2")
    assert other.status_code == 409
    assert "give another key" in other.get_json()["detail"]


@pytest.mark.parametrize(
    ("fault", "state", "retryable"),
    [
        (Fault.AUTH, "blocked", True),
        (Fault.RETRYABLE, "failed", True),
        (Fault.MISSING, "failed", False),
    ],
)
def test_what_s3_says_to_a_step_is_classed(
    api, run, monkeypatch, fault, state, retryable
):
    def refuse(_objects, _uri):
        raise S3Error("denied", fault=fault)  # noqa: EM101 - a test

    monkeypatch.setattr(Objects, "list", refuse)
    api.ask("POST", EXTRACT, {"attempt": 1})

    with unless_running(api.workspace.context_of(run), run) as held:
        take_asked(held, run, "extract", lambda: None)
    step = api.ask("GET", EXTRACT).get_json()

    assert (step["state"], step["retryable"]) == (state, retryable)
