import shutil
import socket
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

MODEL = "tumor_malignancy"
ASKING = [
    ("status",),
    ("logs", "--model", MODEL),
    ("stop", "--model", MODEL),
    ("predict", "--model", MODEL),
    ("plan", "--model", MODEL),
    ("reconcile",),
]

pytestmark = pytest.mark.xdist_group("cli")


def refused(home, *words, exit_code):
    """Return the one line that a command ends with."""
    outcome = home.invoke(*words)
    assert outcome.exit_code == exit_code, outcome.errors
    [line] = outcome.errors.splitlines()
    return line


@pytest.fixture
def up(home):
    """The checkout, with its local stack up until the test ends."""
    outcome = home.invoke("local.up")
    assert outcome.exit_code == 0, outcome.errors
    yield home
    assert home.invoke("local.down").exit_code == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<html>somebody else's page</html>")

    def do_POST(self):
        self.do_GET()

    def log_message(self, *words):
        pass


@contextmanager
def foreign_server(port):
    with HTTPServer(("127.0.0.1", port), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("words", ASKING, ids=lambda words: words[0])
def test_a_stack_that_is_down_is_told_with_the_command_that_starts_it(home, words):
    assert refused(home, *words, exit_code=1).endswith("Start it: invoke local.up")


def test_a_foreign_server_on_the_port_is_named_and_not_quoted(home):
    with foreign_server(home.port):
        for words in [*ASKING, ("local.up",), ("deploy", "--model", MODEL)]:
            line = refused(home, *words, exit_code=1)

            assert f"Port {home.port} is taken" in line, words
            assert f"SLIPWAY_PORT={home.port + 1}" in line, words


def test_no_daemon_for_docker_offers_what_invoke_has(home, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")

    line = refused(replace(home, executor="docker"), "local.up", exit_code=1)

    assert "SLIPWAY_EXECUTOR=process" in line
    assert "--executor" not in line
    assert "SLIPWAY_PORT" not in line


@pytest.mark.parametrize("command", [("local.up",), ("deploy", "--model", MODEL)])
def test_a_stack_of_the_other_executor_is_an_error(up, command):
    line = refused(replace(up, executor="docker"), *command, exit_code=2)

    assert line == (
        "error: The local stack runs jobs by process; SLIPWAY_EXECUTOR asks for docker."
        " End it first: invoke local.down"
    )


def test_auto_takes_the_stack_that_is_up(up):
    assert replace(up, executor="auto").invoke("local.up").exit_code == 0


def test_a_stack_on_another_port_is_found_and_ended(up):
    other = replace(up, port=free_port())

    for words in (("local.up",), ("status",)):
        line = refused(other, *words, exit_code=1)
        assert f"up on port {up.port}" in line
        assert "invoke local.down" in line
    ended = other.invoke("local.down", "--json")

    assert ended.data == {"ended": True}
    assert up.invoke("local.down", "--json").data == {"ended": False}


def test_two_commands_that_start_the_stack_at_once_share_it(home):
    started = [home.start("local.up", "--json") for _ in range(2)]
    said = [process.communicate(timeout=300) for process in started]

    assert [process.returncode for process in started] == [0, 0], said
    assert home.invoke("local.down", "--json").data == {"ended": True}


def test_one_broken_model_does_not_hide_the_others(up):
    broken = up.root / "models" / "broken"
    shutil.copytree(up.root / "models" / MODEL, broken)
    (broken / "model.yaml").write_text("name: broken\nowner: [\n")

    outcome = up.invoke("status")
    machine = up.invoke("status", "--json")
    alone = up.invoke("status", "--model", "broken")
    shutil.rmtree(broken)

    assert outcome.exit_code == machine.exit_code == 1
    assert f"{MODEL}: no endpoint" in outcome.output
    assert "broken: models/broken/model.yaml:" in outcome.output
    models = machine.data["models"]
    assert models[MODEL]["live_version"] is None
    assert "model.yaml:" in models["broken"]["error"]
    assert alone.exit_code == 2


@pytest.mark.parametrize(
    "words", [("local.up",), ("status",), ("build", "--model", MODEL)]
)
def test_a_state_folder_that_cannot_be_made_is_one_line(home, tmp_path, words):
    for name in ("tasks.py", "platform", "models"):
        (tmp_path / name).symlink_to(home.root / name)
    (tmp_path / ".slipway").write_text("a file, where a folder should be")

    line = refused(replace(home, root=tmp_path), *words, exit_code=2)

    assert f"'{tmp_path}/.slipway' cannot be written" in line
    assert "SLIPWAY_STATE" in line
