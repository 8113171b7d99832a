"""What commands say of a run is what a controller that is asked by them freezes."""

import pytest
from rest_rig import KeptObjects

from slipway.application.workspace import Workspace
from slipway.controller.frozen import thawed
from slipway.errors import ConflictError, InvalidRequestError
from slipway.tasks import moving
from slipway.tasks.command import Answer
from slipway.tasks.deploying import shift_of
from slipway.tasks.moving import Wish, deploy_model, run_model, score_model

MODEL = "tumor_malignancy"
NO_SHIFT = {"canary": "", "linear": "", "all_at_once": False, "bake": ""}


@pytest.fixture
def asking(api, url, monkeypatch):
    """Have a command open its run by the controller; no step of it is taken."""

    def opened(remote, asked, steps, _terminal):
        return Answer({"run": remote.ask("run.open", **asked), "steps": steps})

    monkeypatch.setenv("SLIPWAY_TOKEN", api.secrets["operator"])
    monkeypatch.setattr(moving, "move", opened)
    monkeypatch.setattr(Workspace, "image_kind", lambda _self: "process")
    api.workspace.__dict__["objects"] = KeptObjects()

    def ask(command=deploy_model, **wish):
        wished = Wish(MODEL, "2026-01-31", controller=url, **wish)
        run = command("local", wished).data["run"]
        return api.workspace.store.records.run(run.run_id)

    return ask


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ({"canary": "10"}, {"strategy": "canary", "canary_percent": 10}),
        ({"linear": "20"}, {"strategy": "linear", "step_percent": 20}),
        ({"all_at_once": True}, {"strategy": "all_at_once", "bake_seconds": 0}),
        (
            {"canary": "5", "bake": "60"},
            {"strategy": "canary", "canary_percent": 5, "bake_seconds": 60},
        ),
    ],
)
def test_a_controllers_deployment_shifts_as_the_options_say(asking, options, policy):
    run = asking(shift=shift_of(**{**NO_SHIFT, **options}))

    declared = run.parameters["spec"]["endpoint"]["deployment"]
    assert {name: declared[name] for name in policy} == policy


def test_a_controllers_run_has_what_set_and_tag_say(api, asking):
    settings = ("train.max_iterations=200", "instances.train=ml.m5.2xlarge")
    run = asking(run_model, settings=settings, tags=("fewer", "larger"))

    then, _request = thawed(api.workspace.context(MODEL), run)
    assert run.tags == ["fewer", "larger"]
    assert then.spec.hyperparameters["max_iterations"] == 200
    assert [override.key for override in then.overrides] == [
        "hyperparameters.max_iterations",
        "instances.train",
    ]


def test_a_controllers_deployment_expects_the_version_that_serves(api, asking):
    run = asking(expects="0")

    then, _request = thawed(api.workspace.context(MODEL), run)
    assert then.expects == 0
    assert asking(expects="0").run_id == run.run_id
    assert asking().run_id != run.run_id
    with pytest.raises(ConflictError, match="not version 7 as --expect-version says"):
        asking(expects="7")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"settings": ("train.colour=1",)}, "colour"),
        ({"settings": ("train",)}, "'train' is not key=value"),
        ({"settings": ("a=1", "a=2")}, "given twice"),
        ({"tags": ("No",)}, "--tag 'No'"),
        ({"expects": "x"}, "--expect-version 'x' is not a number"),
        ({"shift": {"strategy": "canary", "canary_percent": "x"}}, "canary_percent"),
        ({"shift": {"strategy": "linear", "step_percent": 60}}, "step_percent is 60"),
    ],
)
def test_an_option_that_cannot_be_is_refused_in_one_line(api, asking, wish, said):
    with pytest.raises(InvalidRequestError) as refused:
        asking(**wish)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(api.ask("GET", "/v1/runs").get_json()["items"]) == 1


def test_a_scoring_run_takes_nothing_that_is_about_an_endpoint(asking):
    with pytest.raises(InvalidRequestError, match=r"config\.expects is about"):
        asking(score_model, expects="0")
