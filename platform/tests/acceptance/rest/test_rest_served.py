"""A served API against its own document: tokens, right requests and wrong ones."""

import re
from dataclasses import replace
from itertools import count

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import positive_data_acceptance

from slipway.application.actions import ACTIONS
from slipway.application.tokens import ROLES

MODEL = "tumor_malignancy"
#: The document cannot say which names are there, nor what a run allows when.
_NOT_HELD = [positive_data_acceptance]
#: Requests of each kind to each route.
_FEW, _MANY = 4, 200
_IDS = [action.name for action in ACTIONS]

pytestmark = pytest.mark.xdist_group("rest")


@pytest.fixture(scope="module")
def document(served):
    return served.ask("GET", "/openapi.json")[1]


@pytest.fixture(scope="module")
def schema(served):
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json")


@pytest.fixture(scope="module")
def real(served):
    """What is there to be named by a request."""
    asked = {"model": MODEL, "logical_date": "2026-01-31", "key": "fuzz"}
    status, run = served.ask("POST", "/v1/runs", asked)
    assert status == 201, run
    return {"model": MODEL, "run_id": run["run_id"]}


def named(case, real, number):
    """Let every other request name what is there."""
    if number % 2:
        places = {k: v for k, v in real.items() if k in (case.path_parameters or {})}
        case.path_parameters = {**(case.path_parameters or {}), **places}
        if isinstance(case.body, dict) and "model" in case.body:
            case.body = {**case.body, "model": real["model"]}


def ask(served, schema, real, action, mode, examples):
    """Send requests made from the document, and hold the answers against it."""
    operation, numbers = schema[f"/v1{action.path}"][action.method], count()
    headers = {"Authorization": f"Bearer {served.token}"}

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        if mode.is_positive:
            named(case, real, next(numbers))
        case.call_and_validate(
            headers=headers, session=session, excluded_checks=_NOT_HELD
        )

    with requests.Session() as session:
        if operation.body or list(operation.iter_parameters()) or mode.is_positive:
            send()


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_no_request_of_the_document_ends_in_a_fault_or_another_answer(
    served, schema, real, action, mode
):
    ask(served, schema, real, action, mode, _FEW)


@pytest.mark.nightly
@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_many_requests_of_the_document_end_as_it_says(
    served, schema, real, action, mode
):
    ask(served, schema, real, action, mode, _MANY)


def test_every_route_of_the_document_refuses_tokens_that_are_none_or_too_weak(
    served, document
):
    def asked(role):
        name = {"name": f"{role}-{served.process.pid}", "role": role}
        return served.ask("POST", "/v1/tokens", name)[1]["secret"]

    secrets = {role: asked(role) for role in ROLES}
    refused = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "security" not in operation:
                continue
            place = method.upper(), re.sub(r"\{\w+\}", "1", path), {}
            for wrong in ("", "slipway_wrong", served.token[:-1]):
                status, said = replace(served, token=wrong).ask(*place)
                assert (status, said["code"]) == (401, "unauthorized"), place
            for role in ROLES[: ROLES.index(operation["x-role"])]:
                status, said = replace(served, token=secrets[role]).ask(*place)
                assert (status, said["code"]) == (403, "forbidden"), (place, role)
            refused += 1
    assert refused == len(ACTIONS)
