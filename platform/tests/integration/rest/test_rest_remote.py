"""Commands that ask a controller over HTTP, against the real application."""

import pytest
from rest_rig import served
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from slipway.application.remote import Remote
from slipway.application.rest.problems import problem
from slipway.controller.orm import Step
from slipway.errors import (
    ConflictError,
    GateError,
    HeldError,
    InvalidRequestError,
    SlipwayError,
    StepFailedError,
    UnauthorizedError,
    UnavailableError,
)
from slipway.tasks import remote_moving
from slipway.tasks.command import PROGRESS
from slipway.tasks.terminal import Terminal


def test_a_controller_is_asked_by_the_table_and_answers_what_functions_return(api, url):
    remote = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["operator"]})

    page = remote.ask("run.list", limit=1, model="churn")
    run = remote.ask("run.end", run_id="r1", state="failed", reason="no data")

    assert [found.run_id for found in page.items] == ["r1"]
    assert (run.state, run.reason) == ("failed", "no data")


def test_a_refusal_becomes_the_error_that_a_command_would_raise(api, url):
    admin = Remote.of("", {"SLIPWAY_CONTROLLER": url, "SLIPWAY_TOKEN": "slipway_no"})
    viewer = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["viewer"]})

    with pytest.raises(UnauthorizedError, match="not one of this controller's"):
        admin.ask("run.list")
    with pytest.raises(UnauthorizedError, match="takes an operator"):
        viewer.ask("run.end", run_id="r1", state="failed")
    with pytest.raises(InvalidRequestError, match="There is no run 'r9'"):
        viewer.ask("run.show", run_id="r9")
    with pytest.raises(InvalidRequestError, match="no address"):
        Remote.of("ftp://somewhere", {})
    assert Remote.of("", {}) is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "held", HeldError),
        (409, "conflict", ConflictError),
        (422, "gate_not_met", GateError),
        (429, "throttled", SlipwayError),
        (502, "credentials", UnavailableError),
    ],
)
def test_a_refusal_is_known_by_its_word(status, code, kind):
    said = problem(status, code, "this and that")
    with served(said) as address, pytest.raises(SlipwayError, match="this and") as told:
        Remote(address, "").ask("run.list")

    assert type(told.value) is kind


def test_a_token_is_not_carried_to_where_an_answer_points():
    asked = []

    @Request.application
    def elsewhere(request):
        asked.append(request.headers.get("Authorization"))
        return Response("{}")

    with (
        served(elsewhere) as other,
        served(redirect(f"{other}/v1/runs")) as address,
        pytest.raises(UnavailableError, match="answered 302: it is no such"),
    ):
        Remote(address, "slipway_secret").ask("run.list")

    assert asked == []


def test_a_controller_that_is_gone_is_named(api, url):
    remote = Remote("http://127.0.0.1:9", "")
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9 cannot be reached"):
        remote.ask("run.list")


def test_the_status_of_a_model_is_what_its_controller_says(api, url):
    remote = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["viewer"]})

    answer = remote_moving.show_status(remote, ["tumor_malignancy"])

    assert answer.data["models"]["tumor_malignancy"]["live_version"] is None
    assert answer.shown == ("[bold]tumor_malignancy[/]: no endpoint",)


def test_a_step_that_failed_ends_the_run_with_its_reason(api, url, monkeypatch):
    store = api.workspace.store
    store.add(
        Step(run_id="r1", model="churn", environment="local", name="extract", attempt=1)
    )
    store.advance(
        store.records.step("r1", "extract"), ("begin", "fail"), "no such table"
    )
    remote = Remote.of(url, {"SLIPWAY_TOKEN": api.secrets["operator"]})
    run, step = (
        remote.ask("run.show", run_id="r1"),
        remote.ask("step.show", run_id="r1", step="extract"),
    )
    answers = {"run.open": run, "step.ask": step}
    real = Remote.ask

    def ask(self, name, /, **said):
        return answers[name] if name in answers else real(self, name, **said)

    monkeypatch.setattr(Remote, "ask", ask)

    with (
        Terminal(PROGRESS) as terminal,
        pytest.raises(StepFailedError, match="no such table"),
    ):
        remote_moving.move(remote, {}, ["extract", "quality"], terminal)
    assert store.records.run("r1").state == "failed"
