import datetime as dt

import pytest

from slipway.application.rest.app import LARGEST_BODY
from slipway.controller.orm import Step
from slipway.testing.rows import run_row, version_row


def refused(answer):
    assert answer.content_type == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()["code"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"[]", "not an object"),
        (b'{"model": NaN}', "is not JSON"),
        (b'{"model": "churn", "colour": 1}', "colour is not known"),
        (b'{"model": 7}', "valid string"),
        (b'{"model": "churn", "key": "\\u0000"}', "key"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"{}", "model is missing"),
    ],
)
def test_a_body_that_is_not_what_the_document_says_is_refused(api, content, said):
    headers = {
        "Authorization": f"Bearer {api.secrets['admin']}",
        "Content-Type": "application/json",
    }

    answer = api.client.post("/v1/runs", data=content, headers=headers)

    assert refused(answer) == (400, "invalid_request")
    assert said in answer.get_json()["detail"]


def test_a_large_body_and_another_type_are_refused(api):
    headers = {"Authorization": f"Bearer {api.secrets['admin']}"}
    large, text = b" " * (LARGEST_BODY + 1), b"model=churn"

    assert refused(
        api.client.post(
            "/v1/runs", data=large, headers=headers, content_type="application/json"
        )
    ) == (413, "too_large")
    assert refused(api.client.post("/v1/runs", data=text, headers=headers)) == (
        400,
        "invalid_request",
    )


def test_what_is_not_there_is_named(api):
    assert refused(api.ask("GET", "/v1/runs/r9")) == (404, "not_found")
    assert refused(api.ask("GET", "/v1/nothing")) == (404, "not_found")
    assert "nothing at '/v1/nothing'" in api.ask("GET", "/v1/nothing").text
    answer = api.ask("DELETE", "/v1/runs")
    assert refused(answer) == (405, "method_not_allowed")
    assert "'/v1/runs' does not take DELETE, but GET, HEAD, POST" in answer.text
    answer = api.ask("POST", "/v1/runs", {"model": "tumour"})
    assert refused(answer) == (404, "unknown_model")
    assert "Known: tumor_malignancy" in answer.get_json()["detail"]


def test_a_spec_that_changed_since_the_caller_was_made_is_refused(api):
    asked = {"model": "tumor_malignancy", "spec_digest": "sha256:1"}

    answer = api.ask("POST", "/v1/runs", asked)

    assert refused(answer) == (409, "spec_changed")
    assert "invoke dag.render" in answer.get_json()["detail"]


def test_a_list_is_read_a_page_at_a_time_and_new_rows_move_nothing(api):
    for number in range(2, 6):
        api.workspace.store.add(run_row(f"r{number}"))

    first = api.ask("GET", "/v1/runs?limit=2").get_json()
    api.workspace.store.add(run_row("late"))
    seen = [run["run_id"] for run in first["items"]]
    cursor = first["next_cursor"]
    while cursor:
        page = api.ask("GET", f"/v1/runs?limit=2&cursor={cursor}").get_json()
        seen += [run["run_id"] for run in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["r5", "r4", "r3", "r2", "r1"]


def test_a_version_is_judged_once_and_an_illegal_verdict_says_what_can_be(api):
    store = api.workspace.store
    version = store.register(version_row("a1"))
    store.amend(version, artifact_uri="s3://bucket/model.tar.gz")
    reject = {"reason": "drifts"}

    first = api.ask("POST", "/v1/versions/churn/1/reject", reject, role="operator")
    again = api.ask("POST", "/v1/versions/churn/1/reject", reject, role="operator")
    answer = api.ask("POST", "/v1/versions/churn/1/approve", {"reason": "no"})

    assert first.get_json() == again.get_json()
    assert first.get_json()["state"] == "rejected"
    assert refused(answer) == (409, "illegal_transition")
    assert "it can: retire" in answer.get_json()["detail"]
    history = store.records.history("model_version", version.id)
    assert [change.actor for change in history][-1] == "operator"


def test_a_key_answers_the_same_again_and_another_request_is_refused(api):
    token = {"name": "one", "role": "viewer"}
    key = {"Idempotency-Key": "k1"}

    first = api.ask("POST", "/v1/tokens", token, **key)
    again = api.ask("POST", "/v1/tokens", token, **key)
    other = api.ask("POST", "/v1/tokens", {**token, "name": "two"}, **key)

    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert refused(other) == (409, "conflict")
    assert refused(api.ask("POST", "/v1/tokens", token)) == (409, "conflict")


def test_a_run_ends_once_its_steps_have(api):
    store = api.workspace.store
    step = store.add(
        Step(run_id="r1", model="churn", environment="local", name="train", attempt=1)
    )
    end = ("POST", "/v1/runs/r1/end")

    early = api.ask(*end, {"state": "succeeded"})
    step = store.advance(store.advance(step, "begin"), "reject", "recall is low")
    wrong = api.ask(*end, {"state": "succeeded"})
    ended = api.ask(*end, {"state": "failed", "reason": "gate"})

    assert refused(early) == refused(wrong) == (409, "illegal_transition")
    assert "train is under way" in early.get_json()["detail"]
    assert ended.get_json()["state"] == "rejected"
    assert ended.get_json()["steps"][0]["ended"] is True


def test_an_override_is_checked_kept_and_taken_back_by_whoever_asked(api):
    place = "/v1/models/tumor_malignancy/overrides"
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=7)
    until = {"reason": "larger data", "expires_at": soon.isoformat()}
    key = "instances.train"

    bad = api.ask("POST", f"{place}/{key}", {"value": "ml.none.large", **until})
    past = {**until, "expires_at": "2020-01-01T00:00:00Z"}
    late = api.ask("POST", f"{place}/{key}", {"value": "ml.m5.2xlarge", **past})
    good = {"value": "ml.m5.2xlarge", **until}
    made = api.ask("POST", f"{place}/{key}", good, role="operator")
    shown = api.ask("GET", "/v1/models/tumor_malignancy/explain?step=train")
    back = api.ask("POST", f"{place}/{key}/unset", {"reason": "no need"})

    assert bad.status_code == late.status_code == 400, (bad.text, late.text)
    assert (made.status_code, made.get_json()["actor"]) == (200, "operator")
    fields = shown.get_json()["items"][0]["fields"]
    assert "ml.m5.2xlarge" in [field["value"] for field in fields]
    assert back.status_code == 200
    assert api.ask("GET", place).get_json()["items"] == []
    assert len(api.ask("GET", f"{place}?history=all").get_json()["items"]) == 1


@pytest.mark.parametrize("field", ["logical_date", "data_interval_end"])
@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_moment_that_utc_does_not_hold_is_refused(api, field, moment):
    answer = api.ask("POST", "/v1/runs", {"model": "tumor_malignancy", field: moment})

    assert refused(answer) == (400, "invalid_request")
    assert field in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("expires_at", "said"),
    [
        ("9999-12-31T23:59:59Z", "more than 366 days away"),
        ("2020-01-01T00:00:00Z", "is past"),
        ("9999-12-31T23:59:59-14:00", "after the year 9999"),
    ],
)
def test_an_override_ends_within_a_year_or_is_not_set(api, expires_at, said):
    path = "/v1/models/tumor_malignancy/overrides"
    value = {"value": "ml.m5.4xlarge", "reason": "a try", "expires_at": expires_at}

    answer = api.ask("POST", f"{path}/instances.train", value)

    assert refused(answer) == (400, "invalid_request")
    assert said in answer.get_json()["detail"]
    assert api.ask("GET", path).get_json()["items"] == []


@pytest.mark.parametrize("cursor", ["9999999999", "", "x", "-1", "9" * 5000, "\u0661"])
def test_a_cursor_that_is_no_row_is_refused(api, cursor):
    answer = api.ask("GET", f"/v1/runs?cursor={cursor}")

    assert refused(answer) == (400, "invalid_request")
    assert "is no cursor of a page" in answer.get_json()["detail"]
