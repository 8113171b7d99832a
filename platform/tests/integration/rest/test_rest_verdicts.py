"""A person's word on a version, and what it makes of the run that waits for it."""

import pytest

from slipway.controller.orm import Step
from slipway.testing.rows import version_row

VERSION = "/v1/versions/churn/1"


@pytest.fixture
def waiting(api):
    """A run whose version is registered, and waits for a person."""
    store = api.workspace.store
    version = store.register(version_row("a1"))
    store.amend(version, artifact_uri="s3://bucket/model.tar.gz")
    made = Step(
        run_id="r1", model="churn", environment="local", name="register", attempt=1
    )
    outputs = {"version": version.version}
    store.advance(store.add(made), ("begin", "succeed"), outputs=outputs)
    return api


@pytest.mark.parametrize(
    ("word", "state", "ends"),
    [("approve", "approved", "failed"), ("reject", "rejected", "rejected")],
)
def test_a_run_whose_version_a_person_refused_ends_rejected(waiting, word, state, ends):
    said = waiting.ask("POST", f"{VERSION}/{word}", {"reason": "seen"}, role="operator")
    end = {"state": "failed", "reason": "seen"}
    ended = waiting.ask("POST", "/v1/runs/r1/end", end, role="operator")

    assert (said.get_json()["state"], ended.get_json()["state"]) == (state, ends)
    assert waiting.ask("GET", VERSION, role="viewer").get_json()["reason"] == "seen"


def test_a_viewer_has_no_word(waiting):
    said = waiting.ask(
        "POST", f"{VERSION}/approve", {"reason": "me too"}, role="viewer"
    )

    assert said.status_code == 403
    assert waiting.ask("GET", VERSION).get_json()["state"] == "registered"
