import pytest

from slipway.application.actions import ACTIONS
from slipway.application.tokens import ROLES

_IDS = [action.name for action in ACTIONS]
_WEAKER = [
    (action, role) for action in ACTIONS for role in ROLES[: ROLES.index(action.role)]
]
_PLACES = {
    "run_id": "r1",
    "step": "train",
    "model": "churn",
    "version": "1",
    "name": "x",
    "key": "train.seed",
}


def path_of(action):
    return "/v1" + action.path.format(**_PLACES)


def assert_refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    said = answer.get_json()
    assert (said["status"], said["code"]) == (status, code)
    assert "\n" not in said["detail"]


@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_every_route_refuses_a_missing_and_a_wrong_token(api, action):
    for role in (None, "slipway_wrong", ""):
        answer = api.ask(action.method, path_of(action), {}, role=role)
        assert_refused(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_every_route_refuses_an_expired_token(api, ended_secret, action):
    answer = api.ask(action.method, path_of(action), {}, role=ended_secret)

    assert_refused(answer, 401, "unauthorized")
    assert "has expired" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("action", "role"), _WEAKER, ids=[f"{a.name}-{r}" for a, r in _WEAKER]
)
def test_every_route_refuses_a_token_that_is_too_weak(api, action, role):
    answer = api.ask(action.method, path_of(action), {}, role=role)

    assert_refused(answer, 403, "forbidden")
    assert action.role in answer.get_json()["detail"]


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
