import os
import signal
from pathlib import Path

import pytest
from invoke.collection import Collection
from invoke.program import Program

from slipway.application.state import made_state
from slipway.errors import InvalidRequestError
from slipway.settings import load_settings
from slipway.tasks import namespace
from slipway.tasks.command import Answer, command
from slipway.tasks.moving import parameters_of

ROOT = Path(__file__).parents[4]
MODEL = "tumor_malignancy"


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Run a command that must be refused, and return its one line."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SLIPWAY_STATE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        with pytest.raises(SystemExit) as end:
            Program(namespace=namespace).run(["invoke", *words])
        assert end.value.code == 2
        [line] = capsys.readouterr().err.splitlines()
        assert not list(tmp_path.iterdir())
        return line

    return run


@pytest.mark.parametrize("task", ["build", "run", "deploy"])
def test_only_the_local_environment_can_run(refused, task):
    assert refused(task, "--model", MODEL, "--env", "staging") == (
        "error: Images are not pushed to a registry yet: only --env local can run,"
        " not 'staging'"
    )


@pytest.mark.parametrize("bad", ["bad id with spaces", "x" * 65, "über"])
def test_an_inference_id_that_sagemaker_refuses_is_not_sent(refused, bad):
    line = refused("predict", "--model", MODEL, "--inference-id", bad)

    assert repr(bad) in line
    assert "1 to 64 of" in line


@pytest.mark.parametrize("task", ["build", "logs", "predict", "stop"])
def test_a_command_that_no_controller_does_refuses_to_ask_one(refused, task):
    line = refused(task, "--model", MODEL, "--controller", "http://127.0.0.1:9")

    assert f"no controller does what invoke {task} does" in line


def test_one_model_and_all_of_them_exclude_each_other(refused):
    assert "--all" in refused("test", "--model", MODEL, "--all")


@pytest.mark.parametrize(
    "answers", [("--owner", ""), ("--owner=",), ("--description", "a bell \x07")]
)
def test_an_empty_or_unprintable_answer_is_refused(refused, answers):
    assert "The template refuses an answer" in refused("new", "any_model", *answers)
    assert not (ROOT / "models" / "any_model").exists()


def test_a_parameter_that_is_given_twice_is_refused():
    with pytest.raises(InvalidRequestError, match="'1', then '2'"):
        parameters_of(["a=1", "b=2", "a=2"])


def test_a_state_folder_that_is_a_file_is_named(tmp_path):
    state = tmp_path / "file"
    state.touch()

    with pytest.raises(InvalidRequestError, match=f"{state}.*SLIPWAY_STATE"):
        made_state(load_settings(ROOT, "local", {"SLIPWAY_STATE": str(state)}))


def test_an_answer_with_an_error_in_it_is_printed_and_fails_the_command(capsys):
    @command()
    def look(_context):
        return Answer({"seen": 1}, ("shown",), exit_code=1)

    with pytest.raises(SystemExit) as end:
        program(look).run(["invoke", "look"])

    assert end.value.code == 1
    assert capsys.readouterr().out == "shown\n"


def test_an_interrupt_while_a_command_imports_is_one_line(capsys):
    @command()
    def interrupted(_context):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(SystemExit) as end:
        program(interrupted).run(["invoke", "interrupted"])

    assert end.value.code == 130
    assert capsys.readouterr().err == "error: Interrupted\n"


def program(task):
    return Program(namespace=Collection(task))
