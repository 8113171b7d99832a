"""Runs opened over REST: frozen once, with an image that nobody waits for."""

import pytest
from rest_rig import KeptObjects

from slipway.application.run_image import in_image, make_image
from slipway.application.workspace import Workspace
from slipway.controller.steps.extract import EXTRACT
from slipway.errors import InvalidRequestError, StepFailedError
from slipway.testing.rows import version_row

MODEL = "tumor_malignancy"
ASKED = {"model": MODEL, "logical_date": "2026-01-31", "key": "dag/1"}
RUNS = ("POST", "/v1/runs")


@pytest.fixture(autouse=True)
def opens(api, monkeypatch):
    """Runs can be opened, and no image may be built for it."""

    def build(*_asked):
        pytest.fail("an image is built")

    monkeypatch.setattr(Workspace, "image_kind", lambda _self: "process")
    monkeypatch.setattr(Workspace, "build", build)
    api.workspace.__dict__["objects"] = KeptObjects()


def opened(api, **config):
    return api.ask(*RUNS, {**ASKED, "config": config}, role="operator")


def made_version(api, run_id, *triggers):
    """A version that a run made."""
    store = api.workspace.store
    row = version_row("a1", run_id)
    row.model = MODEL
    version = store.register(row)
    return store.advance(version, triggers).version


def test_a_run_is_opened_with_the_image_that_will_be_built(api):
    first, again = opened(api), opened(api)

    assert (first.status_code, again.status_code) == (201, 200)
    run = first.get_json()
    assert run["run_id"] == again.get_json()["run_id"]
    assert run["state"] == "running"
    image = api.workspace.image_of(MODEL, "process")
    frozen = run["parameters"]
    assert (frozen["image_uri"], frozen["image_digest"]) == (image.uri, image.digest)


def test_a_canary_share_is_frozen_with_a_training_and_refused_for_a_scoring(api):
    run = opened(api, canary_percent=20).get_json()
    scoring = {**ASKED, "pipeline": "scoring", "key": "dag/2"}
    refused = api.ask(*RUNS, {**scoring, "config": {"canary_percent": 20}})

    policy = run["parameters"]["spec"]["endpoint"]["deployment"]
    assert (policy["strategy"], policy["canary_percent"]) == ("canary", 20)
    assert refused.status_code == 400
    assert "a scoring run" in refused.get_json()["detail"]


def test_a_training_of_a_version_takes_what_the_run_that_made_it_was_frozen_with(api):
    first = opened(api, hyperparameters={"max_iterations": 7}).get_json()
    number = made_version(api, first["run_id"], "approve")
    later = {**ASKED, "key": "dag/2", "logical_date": "2026-03-01"}
    asked = {**later, "config": {"version": number, "canary_percent": 5}}

    again = api.ask(*RUNS, asked)
    twice = api.ask(*RUNS, asked)

    assert (again.status_code, twice.status_code) == (201, 200)
    one, other = first["parameters"], again.get_json()["parameters"]
    same = {"run_date", "parameters", "image_uri", "sql", "code", "salt"}
    assert {name: one[name] for name in same} == {name: other[name] for name in same}
    assert other["spec"]["hyperparameters"]["max_iterations"] == 7
    assert other["spec"]["endpoint"]["deployment"]["canary_percent"] == 5
    assert other["version"] == number


@pytest.mark.parametrize(
    ("triggers", "config", "said"),
    [
        (("approve",), {"force": True}, "config.force would make another"),
        (("reject",), {}, "is rejected (no reason), and may not serve"),
    ],
)
def test_a_version_that_may_not_serve_or_would_be_another_is_refused(
    api, triggers, config, said
):
    number = made_version(api, opened(api).get_json()["run_id"], *triggers)
    asked = {**ASKED, "key": "dag/2", "config": {"version": number, **config}}

    answer = api.ask(*RUNS, asked)

    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_an_image_is_made_of_the_folder_that_the_run_was_opened_with(api, monkeypatch):
    workspace = api.workspace
    run = workspace.store.records.run(opened(api).get_json()["run_id"])
    image, built = workspace.image_of(MODEL, "process"), []

    def build(_self, model, kind, _say):
        built.append((model, kind))
        return image

    monkeypatch.setattr(Workspace, "build", build)
    make_image(workspace, run)
    run.parameters = {**run.parameters, "image_uri": "registry/of:yesterday"}

    with pytest.raises(InvalidRequestError, match=f"models/{MODEL} changed since run"):
        make_image(workspace, run)
    assert built == [(MODEL, "process")]


def test_a_step_that_is_stopped_while_its_image_is_built_begins_no_job():
    made = []
    step = in_image(EXTRACT, lambda: made.append(1), lambda: True)

    with pytest.raises(StepFailedError, match="stopped before its job began"):
        step.perform(None)
    assert made == [1]
