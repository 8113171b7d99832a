import os
import signal
import sqlite3

import pytest

from slipway.testing.waiting import wait_until

DATE = "2026-01-31"


#: A training that can be caught at work: it ends once a file is gone.
HELD = (
    "self.pipeline = make_pipeline(",
    (
        "import pathlib, time\n"
        "        while pathlib.Path({path!r}).exists():\n"
        "            time.sleep(0.05)\n"
        "        self.pipeline = make_pipeline("
    ),
)


@pytest.fixture
def hold(tmp_path):
    """The file that holds trainings for as long as it is there."""
    path = tmp_path / "hold"
    path.touch()
    yield path
    path.unlink(missing_ok=True)


def held(path):
    return (HELD[0], HELD[1].format(path=str(path)))


def operations(home, name):
    """Each operation of a model's runs: what was called, and where it stands."""
    with sqlite3.connect(home.state / "local" / "controller.db") as database:
        rows = database.execute(
            "SELECT call, operation.name, operation.state FROM operation"
            " JOIN run USING (run_id) WHERE run.model = ? ORDER BY operation.id",
            (name,),
        )
        return rows.fetchall()


def states(home, name):
    run = home.invoke("status", "--model", name, "--json").data["models"][name]["runs"][
        0
    ]
    return run["state"], {step["name"]: step["state"] for step in run["steps"]}


def test_an_interrupted_deploy_stops_its_job_and_goes_on_when_asked_again(
    home, model, hold
):
    model("interrupted", model_py=held(hold))
    running = home.start("deploy", "--model", "interrupted", "--date", DATE)
    wait_until(lambda: home.is_training("interrupted"), seconds=300)

    os.killpg(running.pid, signal.SIGINT)
    _output, errors = running.communicate(timeout=300)

    assert running.returncode == 130, errors
    assert "The same command goes on" in errors
    assert list(home.training_jobs("interrupted").values()) == ["Stopped"]
    state, seen = states(home, "interrupted")
    assert state == "stopped"
    assert seen["train"] == "stopped"
    hold.unlink()

    again = home.invoke("deploy", "--model", "interrupted", "--date", DATE, "--json")

    assert again.exit_code == 0, again.errors
    outcomes = {step["name"]: step["outcome"] for step in again.data["steps"]}
    assert outcomes["extract"] == outcomes["preprocess"] == "cached"
    assert sorted(home.training_jobs("interrupted").values()) == [
        "Completed",
        "Stopped",
    ]


def test_a_job_that_somebody_stops_ends_the_run_that_waits_for_it(home, model, hold):
    model("stopped_by_hand", model_py=held(hold))
    running = home.start("run", "--model", "stopped_by_hand", "--date", DATE)
    wait_until(lambda: home.is_training("stopped_by_hand"), seconds=300)

    stopped = home.invoke("stop", "--model", "stopped_by_hand", "--json").data
    _output, errors = running.communicate(timeout=300)

    assert stopped["stopped"] == list(home.training_jobs("stopped_by_hand"))
    assert running.returncode == 1, errors
    assert "train stopped" in errors
    assert states(home, "stopped_by_hand")[1]["train"] == "failed"


def test_what_a_killed_command_left_can_be_stopped_by_hand(home, model, hold):
    model("abandoned", model_py=held(hold))
    running = home.start("run", "--model", "abandoned", "--date", DATE)
    wait_until(lambda: home.is_training("abandoned"), seconds=300)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()

    home.invoke("stop", "--model", "abandoned")

    state, seen = states(home, "abandoned")
    assert (state, seen["train"]) == ("stopped", "stopped")
    assert list(home.training_jobs("abandoned").values()) == ["Stopped"]


def test_a_killed_command_is_finished_by_the_same_command_with_no_second_job(
    home, model, hold
):
    model("killed_command", model_py=held(hold))
    running = home.start("deploy", "--model", "killed_command", "--date", DATE)
    wait_until(lambda: home.is_training("killed_command"), seconds=300)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    hold.unlink()

    again = home.invoke("deploy", "--model", "killed_command", "--date", DATE)

    assert again.exit_code == 0, again.errors
    assert list(home.training_jobs("killed_command").values()) == ["Completed"]
    calls = [call for call, _name, _state in operations(home, "killed_command")]
    assert sorted(calls) == sorted(set(calls) | {"CreateProcessingJob"}) or (
        calls.count("CreateProcessingJob") == 2 and len(calls) == len(set(calls)) + 1
    )
    assert {state for *_, state in operations(home, "killed_command")} == {"succeeded"}


@pytest.mark.usefixtures("deployed")
def test_a_killed_server_loses_no_job_and_no_endpoint(home, model, hold):
    model("killed_server", model_py=held(hold))
    running = home.start("deploy", "--model", "killed_server", "--date", DATE)
    wait_until(lambda: home.is_training("killed_server"), seconds=300)
    home.kill_server()
    hold.unlink()
    running.communicate(timeout=300)

    again = home.invoke("deploy", "--model", "killed_server", "--date", DATE)

    assert again.exit_code == 0, again.errors
    assert list(home.training_jobs("killed_server").values()) == ["Completed"]
    asked = home.invoke("predict", "--model", "tumor_malignancy", "--json")
    assert asked.exit_code == 0, asked.errors


def test_a_tampered_artifact_is_refused_and_the_old_version_goes_on(home, model):
    folder = model("tampered")
    first = home.invoke("deploy", "--model", "tampered", "--date", DATE)
    assert first.exit_code == 0, first.errors
    path = folder / "model.yaml"
    path.write_text(
        path.read_text().replace("inverse_penalty: 0.5", "inverse_penalty: 0.4")
    )
    assert home.invoke("run", "--model", "tampered", "--date", DATE).exit_code == 0
    s3 = home.client("s3")
    s3.copy_object(
        Bucket="slipway-local",
        Key="local/tampered/versions/2/model.tar.gz",
        CopySource="slipway-local/local/tampered/versions/1/model.tar.gz",
    )

    second = home.invoke("deploy", "--model", "tampered", "--date", DATE)

    assert second.exit_code == 1
    assert "is not the artifact that version 2 was registered with" in second.errors
    answer = home.invoke("predict", "--model", "tampered", "--json").data
    assert answer["model"]["version"] == "1"


def test_an_endpoint_that_goes_back_by_itself_is_an_error_with_its_reason(home, model):
    folder = model("refuses")
    first = home.invoke("deploy", "--model", "refuses", "--date", DATE)
    assert first.exit_code == 0, first.errors
    serve = folder / "serve.py"
    serve.write_text(serve.read_text() + "\nraise SystemExit('no licence to serve')\n")

    second = home.invoke("deploy", "--model", "refuses", "--date", DATE)

    assert second.exit_code == 1
    assert "does not serve version 2" in second.errors
    assert "rolled it back" in second.errors
    answer = home.invoke("predict", "--model", "refuses", "--json").data
    assert answer["model"]["version"] == "1"
    seen = home.invoke("status", "--model", "refuses", "--json").data["models"][
        "refuses"
    ]
    assert seen["live_version"] == 1


def test_a_first_deployment_that_failed_is_mended_by_the_next(home, model):
    folder = model("never_served")
    serve = folder / "serve.py"
    good = serve.read_text()
    serve.write_text(good + "\nraise SystemExit('no licence to serve')\n")
    first = home.invoke("deploy", "--model", "never_served", "--date", DATE)
    serve.write_text(good)

    second = home.invoke("deploy", "--model", "never_served", "--date", DATE)

    assert first.exit_code == 1
    assert "it is Failed" in first.errors
    assert "no licence to serve" in first.errors
    assert second.exit_code == 0, second.errors
