import http.client
import json
import shutil
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from slipway.container.artifact import artifact_digest
from slipway.testing.container_process import run_command, start_command
from slipway.testing.model_folder import ModelFolder
from slipway.testing.toy_model import FILES, write_toy_model
from slipway.testing.waiting import wait_until

BODY = '{"amount": 900.5, "items": 3, "shop": "north", "is_north": true}'
CLIENTS = 64
#: A predict() that takes a while, so that SIGTERM finds requests in flight.
SLOW = FILES["model.py"].replace(
    "        scores =", "        import time; time.sleep(0.05)\n        scores ="
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    folder = tmp_path_factory.mktemp("gunicorn")
    model = ModelFolder(write_toy_model(folder / "models", changes={"model.py": SLOW}))
    model.train(folder / "run")
    return model


@pytest.fixture
def root(trained: ModelFolder, tmp_path: Path) -> Path:
    """Return a tree that holds a copy of the artifact alone."""
    artifact = trained.path.parent.parent / "run/model"
    shutil.copytree(artifact, tmp_path / "model")
    return tmp_path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def ping(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def serving(model: ModelFolder, root: Path) -> Iterator[tuple[int, "Popen[str]"]]:
    port = free_port()
    environ = {
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SLIPWAY_BIND_ADDRESS": "127.0.0.1",
        "SLIPWAY_WORKERS": "2",
        "SLIPWAY_MODEL_VERSION": "7",
        "SLIPWAY_ARTIFACT_DIGEST": artifact_digest(root / "model"),
    }
    process = start_command("serve", model.path, root, environ)
    try:
        wait_until(lambda: ping(port) or process.poll() is not None, seconds=60)
        yield port, process
    finally:
        process.kill()
        process.communicate(timeout=120)


def post(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/invocations", BODY, headers)
    return connection.getresponse()


def test_an_endpoint_answers_as_its_version(trained: ModelFolder, root: Path) -> None:
    with serving(trained, root) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        answer = json.loads(post(connection).read())
        connection.close()

    assert answer["model"] == {
        "name": "toy", "version": "7", "artifact_digest": artifact_digest(root / "model"),
    }  # fmt: skip


def ask_until_refused(port: int, seen: Counter[str], lock: threading.Lock) -> None:
    """Send one request after another, each on a connection of its own."""
    outcome = ""
    while outcome in {"", "200"}:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.connect()
        except OSError:
            outcome = "not accepted"
        else:
            try:
                response = post(connection)
                response.read()
                outcome = str(response.status)
            except (OSError, http.client.HTTPException) as error:
                outcome = f"lost: {error!r}"
        finally:
            connection.close()
        with lock:
            seen[outcome] += 1


def test_sigterm_loses_no_request_of_64_clients(
    trained: ModelFolder, root: Path
) -> None:
    seen: Counter[str] = Counter()
    lock = threading.Lock()
    with serving(trained, root) as (port, process):
        clients = [
            threading.Thread(target=ask_until_refused, args=(port, seen, lock))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        wait_until(lambda: seen["200"] >= CLIENTS, seconds=60)

        process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join(timeout=60)
        assert process.wait(timeout=120) == 0

    assert set(seen) == {"200", "not accepted"}, seen
    assert seen["not accepted"] == CLIENTS


def test_a_tampered_artifact_is_refused_before_it_is_read(
    trained: ModelFolder, root: Path
) -> None:
    digest = artifact_digest(root / "model")
    estimator = root / "model/model.skops"
    estimator.write_bytes(estimator.read_bytes()[:-1] + b"x")

    code, output = run_command(
        "serve", trained.path, root, {"SLIPWAY_ARTIFACT_DIGEST": digest}
    )

    assert code == 1
    assert "model.skops is not the file of the manifest" in output
    assert "model.skops is not the file" in (root / "output/failure").read_text()


def test_another_artifact_than_the_registered_one_is_refused(
    trained: ModelFolder, root: Path
) -> None:
    environ = {"SLIPWAY_ARTIFACT_DIGEST": f"sha256:{'0' * 64}"}

    code, output = run_command("serve", trained.path, root, environ)

    assert code == 1
    assert "was registered: it is refused" in output
