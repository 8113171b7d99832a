"""Rollouts that a worker carries out on the local SageMaker, decided of by others."""

import pytest

from slipway.controller.steps.pipeline import TO_REGISTER
from slipway.testing.waiting import wait_until

DATE = "2026-01-31"
PATIENCE = 300

pytestmark = pytest.mark.xdist_group("rest")


def registered(api, model, penalty):
    """Open a run with a hyperparameter of its own; return it and its new version."""
    config = {"hyperparameters": {"inverse_penalty": penalty}}
    asked = {"model": model, "logical_date": DATE, "config": config}
    status, run = api.ask("POST", "/v1/runs", asked)
    assert status == 201, run
    for definition in TO_REGISTER:
        step = api.take(run["run_id"], definition.name)
        assert step["state"] == "succeeded", step
    return run["run_id"], step["outputs"]["version"]


def asked_for(api, model, verb, **body):
    """Ask for a change of what serves; return its deployment as it is then."""
    status, deployment = api.ask("POST", f"/v1/models/{model}/{verb}", body)
    assert status == 202, deployment
    return deployment


def shown(api, deployment):
    return api.ask("GET", f"/v1/deployments/{deployment['id']}")[1]


def ended(api, deployment):
    wait_until(lambda: shown(api, deployment)["ended"], seconds=PATIENCE)
    return shown(api, deployment)


def serving(home, model):
    """The version that answers."""
    answer = home.invoke("predict", "--model", model, "--json")
    assert answer.exit_code == 0, answer.errors
    return int(answer.data["model"]["version"])


def test_a_canary_that_a_worker_holds_is_promoted_by_a_command_and_rolled_back_by_a_request(
    home, served, watched_model
):
    before = serving(home, watched_model)
    run_id, version = registered(served, watched_model, 0.4)

    step = served.take(run_id, "deploy")
    page = f"/v1/deployments?model={watched_model}&limit=1"
    [held] = served.ask("GET", page)[1]["items"]

    assert (step["state"], held["state"]) == ("failed", "holding")
    assert "no data yet: latency_p95_ms" in step["reason"]
    assert serving(home, watched_model) == before

    words = ("promote", "--model", watched_model, "--reason", "a quiet night")
    promoted = home.invoke(*words)

    assert promoted.exit_code == 0, promoted.errors
    assert shown(served, held)["state"] == "succeeded"
    assert "a quiet night" in shown(served, held)["decision_reason"]
    assert serving(home, watched_model) == version

    back = ended(served, asked_for(served, watched_model, "rollback", reason="no"))

    assert (back["state"], back["version"]) == ("succeeded", before)
    assert serving(home, watched_model) == before


def test_a_linear_shift_that_was_asked_for_is_ended_by_a_command_while_it_bakes(
    home, served, watched_model
):
    before = serving(home, watched_model)
    _, version = registered(served, watched_model, 0.3)
    shift = {"version": version, "step_percent": 50, "bake_seconds": 300}
    asked = asked_for(served, watched_model, "promote", reason="a try", **shift)
    wait_until(lambda: shown(served, asked)["state"] == "baking", seconds=PATIENCE)

    assert shown(served, asked)["progress"]["share"] == 50
    words = ("rollback", "--model", watched_model, "--reason", "wrong for children")
    outcome = home.invoke(*words)

    assert outcome.exit_code == 0, outcome.errors
    done = ended(served, asked)
    assert done["state"] == "aborted"
    assert "wrong for children" in done["decision_reason"]
    assert serving(home, watched_model) == before
    refused = served.ask("POST", f"/v1/models/{watched_model}/abort", {})
    assert (refused[0], "nothing to end" in refused[1]["detail"]) == (400, True)
