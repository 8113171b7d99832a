"""Traffic shifted on SageMaker in memory: watched, held, promoted, verified."""

import contextlib
from dataclasses import replace

import pytest
from rollout_rig import deployed, numbered, states

from slipway.controller.deployments import deploy, is_live, promote, roll_back
from slipway.controller.store.deployments import reject
from slipway.errors import (
    ConflictError,
    HeldError,
    StepFailedError,
)
from slipway.sagemaker.alarms import AlarmState
from slipway.testing.rollout_world import CANARY

OK, ALARM = AlarmState.OK, AlarmState.ALARM


def test_a_canary_whose_alarms_have_data_goes_from_a_share_to_all(serving):
    serving.sagemaker.alarms.says = {"error_rate": OK}

    rollout = deployed(serving, **CANARY)

    assert rollout.version == serving.champion == 2
    assert serving.served == "2"
    assert states(serving) == [
        "planned",
        "updating",
        "baking",
        "verifying",
        "succeeded",
    ]
    assert serving.heard.notes == [
        "10 % of the traffic for 60 s, 1 alarm OK",
        "100 % of the traffic for 60 s, 1 alarm OK",
    ]


def test_a_linear_shift_says_each_share(serving):
    serving.sagemaker.alarms.says = {"error_rate": OK}

    deployed(serving, **{**CANARY, "strategy": "linear", "step_percent": 40})

    shares = [note.split(" %")[0] for note in serving.heard.notes]
    assert shares == ["40", "80", "100"]


def test_an_alarm_brings_the_version_before_it_back(serving):
    """We see it first, and make SageMaker take the shift back."""
    alarms = serving.sagemaker.alarms
    alarms.says = {"error_rate": ALARM}
    alarms.firing = lambda names: [name for name in names if name in alarms.stopped]

    with pytest.raises(StepFailedError, match="10 % of the traffic: ALARM: error_rate"):
        deployed(serving, **CANARY)

    assert (serving.last.state, serving.champion, serving.served) == ("aborted", 1, "1")
    assert "aborting" in states(serving)


def test_an_alarm_that_sagemaker_saw_first_is_an_abort_too(serving):
    """It goes off and is quiet again between two looks of ours."""
    alarms = serving.sagemaker.alarms
    alarms.says = {"error_rate": OK}
    name = f"{serving.last.endpoint_config_name}"
    alarms.firing = lambda names: [n for n in names if n.endswith("error_rate")]

    with pytest.raises(StepFailedError, match="error_rate"):
        deployed(serving, **CANARY)

    assert (serving.last.state, serving.served) == ("aborted", "1")
    assert name == serving.last.previous_config_name


def test_without_data_a_deployment_holds_and_the_old_version_serves(serving):
    with pytest.raises(HeldError, match="no data yet: error_rate"):
        deployed(serving, **CANARY)

    assert (serving.last.state, serving.champion, serving.served) == ("holding", 1, "1")
    assert "invoke promote --model churn" in serving.heard.notes[0]


def test_a_held_deployment_is_not_tried_again_by_the_same_command(serving):
    for _ in range(2):
        with pytest.raises(HeldError):
            deployed(serving, **CANARY)

    assert len(serving.sent()) == 1


def test_a_person_promotes_a_deployment_that_holds(serving):
    with pytest.raises(HeldError):
        deployed(serving, **CANARY)

    rollout = promote(serving.context(**CANARY), None, "few requests at night")

    assert rollout.version == serving.champion == 2
    assert serving.served == "2"
    history = serving.store.records.history("model_version", numbered(serving, 2).id)
    assert "few requests at night" in history[-1].reason


def test_an_alarm_ends_a_deployment_that_a_person_promoted(serving):
    with pytest.raises(HeldError):
        deployed(serving, **CANARY)
    serving.sagemaker.alarms.says = {"error_rate": ALARM}

    with pytest.raises(StepFailedError, match="error_rate"):
        promote(serving.context(**CANARY), None)

    assert (serving.last.state, serving.served) == ("aborted", "1")


def test_a_person_ends_a_deployment_that_holds(serving):
    with pytest.raises(HeldError):
        deployed(serving, **CANARY)

    rollout = roll_back(serving.context(), "not today")

    assert rollout.version == 1
    assert serving.last.state == "aborted"
    assert "not today" in serving.last.reason


@pytest.mark.parametrize("said", ["promote", "rollback"])
def test_what_a_person_says_during_the_shift_is_heard(serving, said):
    context, alarms = serving.context(**CANARY), serving.sagemaker.alarms
    real = alarms.states

    def once(names):
        alarms.states = real
        row = serving.last
        serving.store.amend(row, decision=said, decision_reason=f"{said} by me: yes")
        return real(names)

    alarms.states = once
    ended = (
        contextlib.nullcontext()
        if said == "promote"
        else pytest.raises(StepFailedError, match="rollback by me: yes")
    )
    with ended:
        deploy(context, "r1", numbered(serving, 2))

    assert serving.served == ("2" if said == "promote" else "1")


def test_a_version_is_not_refused_while_it_is_rolled_out(serving):
    context, alarms = serving.context(**CANARY), serving.sagemaker.alarms
    real, refused = alarms.states, []

    def once(names):
        alarms.states = real
        with pytest.raises(ConflictError, match="is rolled out to local-churn now"):
            reject(serving.store, numbered(serving, 2), "drifts")
        refused.append(numbered(serving, 2).state)
        return real(names)

    alarms.says = {"error_rate": OK}
    alarms.states = once
    deploy(context, "r1", numbered(serving, 2))

    assert (refused, serving.served, serving.champion) == (["approved"], "2", 2)
    version = reject(serving.store, serving.version("c"), "drifts")
    assert (version.state, version.reason) == ("rejected", "drifts")


def test_a_version_that_was_refused_in_spite_of_its_deployment_is_taken_back(serving):
    context, alarms = serving.context(**CANARY), serving.sagemaker.alarms
    real = alarms.states

    def once(names):
        alarms.states = real
        serving.store.advance(numbered(serving, 2), "reject", "drifts")
        return real(names)

    alarms.says = {"error_rate": OK}
    alarms.states = once
    with pytest.raises(StepFailedError, match="is rejected since its deployment began"):
        deploy(context, "r1", numbered(serving, 2))

    assert (serving.last.state, serving.served) == ("rolled_back", "1")


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ("CreateModel", "EnableNetworkIsolation", False),
        ("CreateEndpointConfig", "KmsKeyId", "a-key"),
        ("ProductionVariant", "InstanceType", "ml.m5.2xlarge"),
    ],
)
def test_what_an_environment_sets_of_what_serves_is_rolled_out(
    serving, operation, member, value
):
    context, version = serving.context(), numbered(serving, 1)
    environment = context.settings.environment
    payloads = {**environment.payloads, operation: {member: value}}
    changed = environment.model_copy(update={"payloads": payloads})
    context = replace(context, settings=replace(context.settings, environment=changed))
    before = serving.last.endpoint_config_name
    assert is_live(serving.context(), version)
    assert not is_live(context, version)

    deploy(context, "r1", version)

    assert serving.last.endpoint_config_name != before
    config = serving.sagemaker.endpoints["local-churn"].config
    model = serving.sagemaker.serving("local-churn")
    made = serving.sagemaker.made["EndpointConfig", config]
    assert value in {
        part.get(member) for part in (model, made, *made["ProductionVariants"])
    }


def test_a_deployment_without_a_watch_needs_no_alarm(serving):
    deployed(serving)

    assert serving.served == "2"
    assert serving.sagemaker.alarms.kept == {}


def test_the_alarms_of_a_deployment_look_at_the_new_config_alone(serving):
    serving.sagemaker.alarms.says = {"error_rate": OK}
    deployed(serving, **CANARY)

    config = serving.last.endpoint_config_name
    named = [f"{config}-primary-error_rate", f"{config}-primary-stop"]
    assert list(serving.sagemaker.alarms.kept) == named
    for payload in serving.sagemaker.alarms.kept.values():
        assert {"Name": "EndpointConfigName", "Value": config} in payload["Dimensions"]
