from dataclasses import dataclass

import pytest
from fault_operations import OPERATIONS, make_config, settled, submitted, tags

from slipway.controller.estate import Estate
from slipway.controller.orm import Endpoint
from slipway.controller.pace import Pace
from slipway.controller.reconcile import reconcile
from slipway.controller.store.endpoints import want_endpoint
from slipway.testing import invariants
from slipway.testing.waiting import wait_until

#: How an endpoint came to serve, and the last letter of the config that it should.
LIVE = {
    "CreateEndpoint": "c",
    "UpdateEndpoint": "d",
    "rollback": "c",
    "UpdateWeights": "c",
}


def deleted(world, endpoint):
    name = endpoint.name
    world.sagemaker.delete_endpoint(EndpointName=name)
    wait_until(lambda: world.gateway.describe("endpoint", name) is None, seconds=30)


def made_again(world, endpoint):
    """Somebody makes its equal, with the same config and tags of their own."""
    deleted(world, endpoint)
    world.sagemaker.create_endpoint(
        EndpointName=endpoint.name,
        EndpointConfigName=endpoint.desired_config_name,
        Tags=tags({"owner": "somebody else"}),
    )
    settled(world, endpoint.name)


def weighed(world, endpoint):
    """Somebody gives its variant another weight, and another instance."""
    world.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name,
        DesiredWeightsAndCapacities=[
            {"VariantName": "primary", "DesiredWeight": 0.5, "DesiredInstanceCount": 3}
        ],
    )
    settled(world, endpoint.name)


def without_config(world, endpoint):
    config = endpoint.desired_config_name
    world.sagemaker.delete_endpoint_config(EndpointConfigName=config)


def without_model(world, endpoint):
    world.sagemaker.delete_model(ModelName=f"{endpoint.desired_config_name}-m")


def on_another_config(world, endpoint):
    name = endpoint.name
    make_config(world, f"{name}-e")
    world.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-e")
    settled(world, name)


def out_of_service(world, endpoint):
    """Nobody stops an endpoint; SageMaker says so of one that takes no requests."""
    world.gateway.shown["EndpointStatus"] = "OutOfService"


def half_rolled_back(world, endpoint):
    """The server says what SageMaker says when it cannot take an update back."""
    world.gateway.shown["EndpointStatus"] = "UpdateRollbackFailed"


@dataclass(frozen=True)
class Drift:
    """What somebody did by hand, and what one look must find."""

    #: The fault's code.
    code: str
    happen: object
    state: str
    said: str


DRIFTS = (
    Drift("X1", deleted, "missing", "is gone, and should serve"),
    Drift("X1", without_config, "drifted", "deleted its endpoint config"),
    Drift("X1", without_model, "drifted", "deleted its SageMaker model"),
    Drift("X1", made_again, "drifted", "in the place of ours"),
    Drift("X3", weighed, "drifted", "3 instances"),
    Drift("X2", out_of_service, "out_of_service", "takes no requests"),
    Drift("X3", on_another_config, "drifted", "serves the config"),
    Drift("X4", half_rolled_back, "rollback_failed", "could not take an update back"),
)


@pytest.fixture
def estate(world, tmp_path):
    pace = Pace(1.0, sleep=world.sleep, draw=lambda: 0.5)
    locks = tmp_path / "locks"
    return Estate("local", "faults", world.store, world.gateway, None, pace, locks)


def serving(world, operation, letter):
    """Let the ledger bring an endpoint to where it serves what it should."""
    intent = OPERATIONS[operation].prepare(world)
    world.ledger.perform(intent)
    name = intent.name(1)
    wanted = Endpoint(
        name=name,
        environment="local",
        model="churn",
        desired_config_name=f"{name}-{letter}",
        desired_version=1,
    )
    return want_endpoint(world.store, wanted)


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.happen.__name__)
@pytest.mark.parametrize("operation", LIVE)
def test_drift_is_found_by_one_look_and_nothing_is_done_about_it(
    world, operation, drift, estate, record_property
):
    record_property("fault", drift.code)
    endpoint = serving(world, operation, LIVE[operation])
    assert reconcile(estate, lambda _text: None).findings == ()
    drift.happen(world, endpoint)
    called = world.calls()

    world.ahead += 5
    [found] = reconcile(estate, lambda _text: None).findings
    world.ahead += 5
    [known] = reconcile(estate, lambda _text: None).findings

    assert (found.kind, found.name) == ("drift", endpoint.name)
    assert (found.new, known.new) == (True, False)
    assert drift.said in found.message
    row = world.store.records.endpoint(endpoint.name)
    assert (row.state, row.desired_config_name) == (
        drift.state,
        endpoint.desired_config_name,
    )
    assert world.calls() == called
    assert invariants.history_is_the_state(world.store.database) == []


@pytest.mark.parametrize(
    "resource", ["processing_job", "training_job", "transform_job"]
)
def test_a_job_that_was_stopped_by_hand_is_found_by_one_look_and_not_begun_again(
    world, resource, estate, record_property
):
    record_property("fault", "X2")
    operation = submitted(world, resource)
    assert reconcile(estate, lambda _text: None).findings == ()
    world.gateway.stop(resource, operation.name)
    wait_until(
        lambda: world.gateway.describe(resource, operation.name).status == "Stopped",
        seconds=60,
    )
    called = world.calls()

    world.ahead += 5
    report = reconcile(estate, lambda _text: None)
    world.ahead += 5
    again = reconcile(estate, lambda _text: None)

    [finding] = report.findings
    assert (finding.kind, finding.resource) == ("drift", resource)
    assert "was stopped by hand" in finding.message
    assert report.ended == (("churn", operation.name, "stopped"),)
    assert again.findings == ()
    assert world.calls() == called
    assert invariants.history_is_the_state(world.store.database) == []
