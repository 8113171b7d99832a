from dataclasses import dataclass

import pytest
from fault_operations import OPERATIONS, make_config, settled

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
    Drift("X3", on_another_config, "drifted", "serves the config"),
    Drift("X4", half_rolled_back, "rollback_failed", "could not take an update back"),
)


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
    world, operation, drift, tmp_path, record_property
):
    record_property("fault", drift.code)
    pace = Pace(1.0, sleep=world.sleep, draw=lambda: 0.5)
    estate = Estate(
        "local", "faults", world.store, world.gateway, None, pace, tmp_path / "locks"
    )
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
