"""What was changed by hand, on a real server, with a simulated clock."""

import boto3
import pytest
from fault_operations import (
    OWNER,
    QUICK,
    create_intent,
    make_config,
    model,
    settled,
    submitted,
    tags,
    there,
)

from slipway.controller.estate import Estate
from slipway.controller.intents import DIGEST_TAG
from slipway.controller.orm import Endpoint, Step
from slipway.controller.pace import Pace
from slipway.controller.reconcile import reconcile
from slipway.controller.states.chart import DAY
from slipway.controller.store.calls import intend
from slipway.controller.store.endpoints import want_endpoint
from slipway.digests import digest_of
from slipway.errors import ConflictError
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.testing import invariants
from slipway.testing.waiting import wait_until


@pytest.fixture
def estate(world, tmp_path):
    pace = Pace(1.0, sleep=world.sleep, draw=lambda: 0.5)
    return Estate(
        "local", "faults", world.store, world.gateway, None, pace, tmp_path / "locks"
    )


@pytest.fixture
def look(world, estate):
    """Take a pass a little later; return the report."""

    def passed(**options):
        world.ahead += 5
        return reconcile(estate, lambda _text: None, **options)

    return passed


@pytest.fixture
def endpoint(world):
    """An endpoint that serves what it should."""
    intent = create_intent(world, "endpoint")
    there(world, intent, {**OWNER, DIGEST_TAG: intent.digest})
    name = intent.name(1)
    settled(world, name)
    row = Endpoint(
        name=name,
        environment="local",
        model="churn",
        desired_config_name=f"{name}-c",
        desired_version=1,
    )
    want_endpoint(world.store, row)
    return name


def row(world, name):
    return world.store.records.endpoint(name)


def events(world, name):
    return world.store.records.history("endpoint", row(world, name).id)


def test_an_endpoint_as_it_should_be_is_seen_and_nothing_is_reported(
    world, look, endpoint
):
    report = look()

    assert report.findings == ()
    found = row(world, endpoint)
    assert (found.state, found.observed_status) == ("in_service", "InService")
    assert found.observed_at is not None


def deleted(world, name):
    world.sagemaker.delete_endpoint(EndpointName=name)
    wait_until(lambda: world.gateway.describe("endpoint", name) is None, seconds=30)


def updated(world, name):
    make_config(world, f"{name}-d")
    world.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-d")
    settled(world, name)


def lost_config(world, name):
    world.sagemaker.delete_endpoint_config(EndpointConfigName=f"{name}-c")


def lost_model(world, name):
    world.sagemaker.delete_model(ModelName=f"{name}-c-m")


@pytest.mark.parametrize(
    ("by_hand", "state", "said"),
    [
        (deleted, "missing", "is gone, and should serve"),
        (updated, "drifted", "serves the config"),
        (lost_config, "drifted", "deleted its endpoint config"),
        (lost_model, "drifted", "deleted its SageMaker model"),
    ],
)
def test_what_was_changed_by_hand_is_reported_once_and_stays_known(
    world, look, endpoint, by_hand, state, said
):
    look()
    by_hand(world, endpoint)

    first, second = look(), look()

    [finding] = first.findings
    assert (finding.kind, finding.name, finding.new) == ("drift", endpoint, True)
    assert said in finding.message
    assert "What to do:" in finding.message
    assert [found.new for found in second.findings] == [False]
    assert row(world, endpoint).state == state
    told = [event for event in events(world, endpoint) if event.to_state == state]
    assert [event.reason for event in told] == [finding.message]
    assert invariants.history_is_the_state(world.store.database) == []


def test_an_endpoint_that_was_made_again_with_our_tags_is_reported_and_taken_as_ours(
    world, look, endpoint
):
    look()
    deleted(world, endpoint)
    world.sagemaker.create_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{endpoint}-c", Tags=tags(OWNER)
    )
    settled(world, endpoint)

    [finding] = look().findings

    assert (finding.kind, finding.new) == ("drift", True)
    assert "was deleted and made again by hand" in finding.message
    assert [event.to_state for event in events(world, endpoint)][-2:] == [
        "drifted",
        "in_service",
    ]
    assert look().findings == ()


def scaled(world, name, count):
    asked = {"VariantName": "primary", "DesiredInstanceCount": count}
    world.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[asked]
    )
    settled(world, name)


def test_instances_that_autoscaling_counts_are_no_drift(world, rig, look, endpoint):
    look()
    scaled(world, endpoint, 2)
    [counted] = look().findings
    client = boto3.client("application-autoscaling", **rig.server.client_settings)
    client.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint}/variant/primary",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=3,
    )

    assert "'primary' has 2 instances, not 1" in counted.message
    assert look().findings == ()
    assert row(world, endpoint).state == "in_service"


def test_drift_that_is_put_right_is_drift_no_more(world, look, endpoint):
    updated(world, endpoint)
    assert look().findings
    world.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{endpoint}-c"
    )
    settled(world, endpoint)

    assert look().findings == ()
    assert row(world, endpoint).state == "in_service"


def test_a_job_whose_command_died_is_followed_to_its_end(world, look):
    intent = create_intent(world, "training_job", QUICK)
    made = intent.row(1)
    intend(world.store, made, None, digest_of(made.payload))

    reports = []
    wait_until(lambda: reports.append(look()) or reports[-1].ended, seconds=60)

    assert reports[-1].ended == (("churn", made.name, "succeeded"),)
    assert len(world.calls("CreateTrainingJob", made.name)) == 1


def test_a_stop_whose_request_was_lost_is_asked_for_again(world, look):
    operation = submitted(world, "training_job")
    world.store.advance(operation, "ask_stop", "interrupted")

    reports = []
    wait_until(lambda: reports.append(look()) or reports[-1].ended, seconds=60)

    assert reports[-1].ended == (("churn", operation.name, "stopped"),)
    assert reports[-1].findings == ()
    assert len(world.calls("StopTrainingJob", operation.name)) == 1


def test_a_delete_that_a_dead_command_intended_is_not_made(world, look, endpoint):
    intent = create_intent(world, "endpoint_config", suffix="-x")
    there(world, intent, {**OWNER, DIGEST_TAG: intent.digest})
    made = intent.row(1)
    made.call = "DeleteEndpointConfig"
    made.payload = {"EndpointConfigName": made.name}
    intend(world.store, made, None, digest_of(made.payload))

    look()

    assert world.gateway.describe("endpoint_config", made.name) is not None
    assert world.calls("DeleteEndpointConfig", made.name) == []
    world.ahead += 2 * 3600
    [finding] = look().findings
    assert (finding.kind, finding.name) == ("stuck", made.name)
    assert "What to do:" in finding.message


def test_a_pass_ends_when_sagemaker_does_not_answer(world, look):
    for number in range(6):
        submitted_job_row(world, number)
    world.gateway.hurried = True
    world.faults.arm(Rule("throttle", operation="Describe*"))

    report = look()

    assert [found.kind for found in report.findings] == ["unseen"]
    assert report.moved == 3


def submitted_job_row(world, number):
    made = create_intent(world, "training_job", suffix=f"-{number}").row(1)
    operation, _call = intend(world.store, made, None, digest_of(made.payload))
    return world.store.advance(operation, "submit")


def test_only_a_sweep_lists(world, look, endpoint):
    world.faults.clear()

    look()
    assert world.calls("List[!T]*") == []

    name = f"local-{world.prefix}"
    made = model(name, None, world)
    world.sagemaker.create_model(ModelName=name, Tags=tags(OWNER), **made)
    report = look(sweep=True)

    [finding] = [found for found in report.findings if found.name == name]
    assert (finding.kind, finding.resource) == ("orphan", "sagemaker_model")
    world.sagemaker.delete_model(ModelName=name)


def test_a_race_with_somebody_else_leaves_the_model_to_them(
    look, endpoint, monkeypatch
):
    del endpoint

    def overtaken(*_arguments, **_options):
        message = "changed by somebody else meanwhile"
        raise ConflictError(message)

    monkeypatch.setattr("slipway.controller.reconcile.Watch.look", overtaken)

    assert look().skipped == ("churn",)


def test_a_step_that_nobody_takes_further_is_given_up(world, look):
    made = Step(
        run_id="r1", model="churn", environment="local", name="train", attempt=1
    )
    world.store.add(made)
    assert look().findings == ()

    world.ahead += DAY
    first, second = look(), look()

    (found,), (known,) = first.findings, second.findings
    assert (found.kind, found.resource, found.name) == ("stuck", "step", "r1 train")
    assert "invoke controller.up" in found.message
    assert (found.new, known.new) == (True, False)
    assert world.store.records.step("r1", "train").state == "stuck"
    assert invariants.history_is_the_state(world.store.database) == []
