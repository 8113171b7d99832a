"""Commands that ask a controller over HTTP, against the real application."""

import threading

import pytest
from werkzeug.serving import make_server

from slipway.application.remote import Remote
from slipway.controller.orm import Step
from slipway.errors import (
    InvalidRequestError,
    StepFailedError,
    UnauthorizedError,
    UnavailableError,
)
from slipway.tasks import remote_moving
from slipway.tasks.command import PROGRESS
from slipway.tasks.terminal import Terminal


@pytest.fixture
def url(api):
    """The application, served on a port of its own."""
    server = make_server("127.0.0.1", 0, api.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


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
