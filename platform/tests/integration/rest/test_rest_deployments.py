"""Deployments asked for over REST, on SageMaker in memory; a worker's part is called."""

from dataclasses import replace

import pytest

from slipway.application import carrying, patience
from slipway.application.carrying import carry_out
from slipway.application.workspace import Workspace
from slipway.controller.deployments import deploy
from slipway.controller.store import Leases
from slipway.errors import StuckError
from slipway.testing import rollout_world
from slipway.testing.invariants import history_is_the_state
from slipway.testing.rollout_world import CANARY, RolloutWorld
from slipway.testing.rows import MODEL, run_row

PROMOTE, ROLLBACK, ABORT = (
    ("POST", f"/v1/models/{MODEL}/{verb}") for verb in ("promote", "rollback", "abort")
)


@pytest.fixture
def world(api, monkeypatch, tmp_path):
    """A world whose version 1 serves; version 2 is approved."""
    monkeypatch.setattr(rollout_world, "run_row", lambda _run_id: run_row("r0"))
    made = RolloutWorld(api.workspace.store.database, tmp_path)

    def context(workspace, _model, _observer=None):
        return replace(made.context(**CANARY), store=workspace.store)

    monkeypatch.setattr(Workspace, "context", context)
    deploy(made.context(), "r1", made.version("a"))
    made.version("b")
    yield made
    assert history_is_the_state(api.workspace.store.database) == []


def carried(api, world):
    """What a worker does with the last deployment."""
    return carry_out(api.workspace.context(MODEL), world.last)


def shown(api, asked):
    return api.ask("GET", f"/v1/deployments/{asked.get_json()['id']}").get_json()


def test_a_version_is_promoted_by_a_worker_and_taken_back_by_another_request(
    api, world
):
    shift = {"version": 2, "reason": "a try", "canary_percent": 20}
    asked = api.ask(*PROMOTE, shift, role="operator")
    before = world.served
    assert carried(api, world)
    done = shown(api, asked)
    back = api.ask(*ROLLBACK, {"reason": "no"}, role="operator")
    assert carried(api, world)

    assert (asked.status_code, back.status_code, before) == (202, 202, "1")
    said = asked.get_json()
    assert (said["state"], said["asked"], said["ended"]) == ("planned", True, False)
    assert (said["policy"]["strategy"], said["policy"]["canary_percent"]) == (
        "canary",
        20,
    )
    assert (done["state"], done["ended"], done["version"]) == ("succeeded", True, 2)
    assert "promote by operator: a try" in done["decision_reason"]
    assert shown(api, back)["state"] == "succeeded"
    assert (world.served, world.champion) == ("1", 1)


def test_a_deployment_that_nobody_began_is_ended_and_changes_nothing(api, world):
    asked = api.ask(*PROMOTE, {"version": 2})

    ended = api.ask(*ABORT, {"reason": "not today"})
    assert carried(api, world)

    assert ended.get_json()["id"] == asked.get_json()["id"]
    assert shown(api, asked)["state"] == "aborted"
    assert world.served == "1"
    assert carried(api, world)  # again: it has ended


@pytest.mark.parametrize(
    ("asked", "body", "said"),
    [
        (PROMOTE, {}, "there is nothing to promote"),
        (PROMOTE, {"version": 9}, "has no version 9"),
        (PROMOTE, {"version": 2, "bake_seconds": 1}, "an alarm needs 60 seconds"),
        (PROMOTE, {"version": 2, "canary_percent": 51}, "canary_percent is 51"),
        (ROLLBACK, {}, "there is nothing to go back to"),
        (ABORT, {}, "there is nothing to end"),
    ],
)
def test_what_cannot_be_is_refused_and_writes_no_deployment(
    api, world, asked, body, said
):
    before = world.last.id

    answer = api.ask(*asked, body)

    assert answer.status_code in {400, 404}
    assert said in answer.get_json()["detail"]
    assert world.last.id == before


@pytest.mark.parametrize("asked", [PROMOTE, ROLLBACK])
def test_what_is_asked_of_a_model_that_somebody_holds_is_a_conflict(
    api, world, monkeypatch, asked
):
    deploy(world.context(), "r1", world.version("c"))
    monkeypatch.setattr(patience, "_LOOKS", 1)
    leases, lease, before = Leases(world.store.database), "local/churn", world.last.id
    leases.take(lease, leases.seen(lease), holder="invoke gc")

    answer = api.ask(*asked, {"version": 2} if asked is PROMOTE else {})

    assert answer.status_code == 409
    assert "It is moved by invoke gc, since 20" in answer.get_json()["detail"]
    assert world.last.id == before


def test_a_deployment_whose_config_is_another_by_now_is_not_begun(
    api, world, monkeypatch
):
    asked = api.ask(*PROMOTE, {"version": 2})
    monkeypatch.setattr(carrying, "config_name_of", lambda *_: "another")

    assert carried(api, world)

    assert shown(api, asked)["state"] == "aborted"
    assert "model.yaml changed" in shown(api, asked)["reason"]
    assert world.served == "1"


def test_one_that_is_stuck_is_left_to_people_and_taken_up_when_asked_again(
    api, world, monkeypatch
):
    asked = api.ask(*PROMOTE, {"version": 2})

    class Stuck:
        def __init__(self, context, row):
            self.store, self.row = context.store, row

        def run(self):
            self.store.advance(self.row, "give_up", "late")
            raise StuckError(self.row.model)

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "Course", Stuck)
        assert not carried(api, world)

    stuck = shown(api, asked)
    again = api.ask(*ABORT, {}).get_json()
    assert (stuck["state"], stuck["ended"]) == ("stuck", True)
    assert (again["id"], again["asked"], again["ended"]) == (stuck["id"], True, False)


def test_a_deployment_of_no_such_number_is_named(api):
    answer = api.ask("GET", "/v1/deployments/77")

    assert answer.status_code == 404
    assert "There is no deployment 77" in answer.get_json()["detail"]
