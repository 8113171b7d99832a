"""How long an invocation waits, and what its caller is told then."""

import json
import socket
from types import SimpleNamespace

import pytest
from plain_variant import plain_variant
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from slipway.sagemaker_local.endpoints.asking import Waits
from slipway.sagemaker_local.endpoints.connections import Connections, Limits
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.invocation import Runtime
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.endpoints.traffic import LiveEndpoint

VARIANT = plain_variant()
SHORT = Waits(patience=0.0, limits=Limits(connect=5, read=0.01))


@pytest.fixture
def fleet():
    """A fleet of one variant whose instances are the test's."""
    return Fleet(FleetPlan("config", (VARIANT,)), quarters=None)


@pytest.fixture
def silent():
    """An instance that takes connections, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections(*listener.getsockname())
        yield SimpleNamespace(
            ready=True, in_flight=0, variant=VARIANT, connections=connections
        )
        connections.close()


def invoked(fleet, waits):
    seen = []
    endpoints = SimpleNamespace(live=lambda _arn: LiveEndpoint("churn", fleet))
    runtime = Runtime(endpoints, (seen.append,), waits=waits)
    asked = EnvironBuilder("/endpoints/churn/invocations", method="POST", data=b"a")
    answer = runtime(Request(asked.get_environ()), "eu-west-1")
    return answer, json.loads(answer.get_data()), seen


def test_sagemaker_waits_a_minute_for_an_answer():
    assert Waits().limits == Limits(connect=0.25, read=60.0)


def test_a_container_that_does_not_answer_in_time_is_a_model_error(fleet, silent):
    fleet.group.instances.append(silent)

    answer, said, [seen] = invoked(fleet, Waits(patience=60, limits=SHORT.limits))

    text = (
        "Your invocation timed out while waiting for a response from container primary."
    )
    assert answer.status_code == 424
    assert answer.headers["x-amzn-ErrorType"] == "ModelError"
    assert (said["OriginalStatusCode"], said["OriginalMessage"]) == (0, text)
    assert said["Message"].startswith(
        f'Received server error (0) from primary with message "{text}"'
    )
    assert (seen.status, seen.original_status) == (424, 0)


def test_a_variant_without_an_instance_in_time_is_unavailable(fleet):
    answer, said, [seen] = invoked(fleet, SHORT)

    assert answer.status_code == seen.status == 503
    assert answer.headers["x-amzn-ErrorType"] == "ServiceUnavailable"
    assert said["Message"] == "No instance of variant primary is ready"
