import re

import pytest

from slipway.application.rest.health import Readiness
from slipway.application.rest.openapi import document
from slipway.application.tokens import ROLES
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.testing.fake_gateway import FakeGateway

#: What the document says of each route that takes a token: its method, path and role.
_ROUTES = [
    (method.upper(), re.sub(r"\{\w+\}", "1", path), operation["x-role"])
    for path, operations in document()["paths"].items()
    for method, operation in operations.items()
    if "security" in operation
]
_IDS = [f"{method} {path}" for method, path, _role in _ROUTES]
_WEAKER = [
    (method, path, needed, role)
    for method, path, needed in _ROUTES
    for role in ROLES[: ROLES.index(needed)]
]


def assert_refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    said = answer.get_json()
    assert (said["status"], said["code"]) == (status, code)
    assert "\n" not in said["detail"]


@pytest.mark.parametrize(("method", "path", "_role"), _ROUTES, ids=_IDS)
def test_every_route_refuses_a_missing_a_wrong_and_an_expired_token(
    api, ended_secret, method, path, _role
):
    for role in (None, "slipway_wrong", "", ended_secret):
        answer = api.ask(method, path, {}, role=role)
        assert_refused(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "has expired" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "needed", "role"),
    _WEAKER,
    ids=[f"{method} {path} {role}" for method, path, _needed, role in _WEAKER],
)
def test_every_route_refuses_a_token_that_is_too_weak(api, method, path, needed, role):
    answer = api.ask(method, path, {}, role=role)

    assert_refused(answer, 403, "forbidden")
    assert needed in answer.get_json()["detail"]


def test_a_revoked_token_is_refused_at_once(api):
    assert api.ask("GET", "/v1/runs", role="viewer").status_code == 200

    api.ask("POST", "/v1/tokens/viewer/revoke")

    assert_refused(api.ask("GET", "/v1/runs", role="viewer"), 401, "unauthorized")


def test_a_secret_is_shown_once_and_its_digest_alone_is_kept(api):
    asked = {"name": "airflow", "role": "operator"}
    made = api.ask("POST", "/v1/tokens", asked, **{"Idempotency-Key": "k"})
    again = api.ask("POST", "/v1/tokens", asked, **{"Idempotency-Key": "k"})
    secret = made.get_json()["secret"]

    assert made.status_code == again.status_code == 201
    assert again.get_json()["secret"] is None
    assert api.ask("GET", "/v1/runs", role=secret).status_code == 200
    with api.workspace.store.database.engine.connect() as connection:
        for table in ("api_token", "kept_answer"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 - names of this test
            assert secret not in repr(rows)


def test_what_shows_no_data_needs_no_token(api):
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert api.ask("GET", path, role=None).status_code == 200, path


def test_readiness_asks_sagemaker_now_and_then_whoever_asks_it(api):
    class Broken:
        asked = 0

        def describe(self, _kind, _name):
            self.asked += 1
            raise SageMakerError("gone", fault=Fault.RETRYABLE)  # noqa: EM101 - a test

    api.workspace.__dict__["gateway"] = gateway = Broken()
    clock = [0.0]
    ready = Readiness(api.workspace, lambda: clock[0])
    for _ in range(3):
        with pytest.raises(SageMakerError):
            ready.check()
    often = gateway.asked
    clock[0] += 60
    api.workspace.__dict__["gateway"] = FakeGateway()
    ready.check()

    assert often == 1
