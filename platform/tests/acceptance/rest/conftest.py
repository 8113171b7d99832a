"""Two instances of the controller's API, on one PostgreSQL and one local stack."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from slipway.testing.checkout import checkout, free_port
from slipway.testing.postgres import running_postgres
from slipway.testing.waiting import wait_until

SOURCE = Path(__file__).parents[4]
MODEL, DATE = "tumor_malignancy", "2026-01-31"
#: A share is watched as briefly as can be; nobody asks the new version.
_WATCHED = """  deployment:
    strategy: canary
    canary_percent: 50
    bake_seconds: 10
    alarms:
      - { metric: latency_p95_ms, above: 60000, period_seconds: 10 }
"""
#: Whoever waits for a job on a busy machine waits for so long at most.
PATIENCE = 300


@dataclass
class Served:
    """An instance that serves, in a process group of its own."""

    url: str
    process: subprocess.Popen
    token: str

    def ask(self, method, path, body=None, **headers):
        """Ask the instance; return the status and the answer."""
        content = json.dumps(body).encode() if body is not None else None
        headers |= {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.url + path, data=content, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def step(self, run_id, name):
        return self.ask("GET", f"/v1/runs/{run_id}/steps/{name}")[1]

    def take(self, run_id, name, **body):
        """Ask for a step and wait for its end."""
        status, said = self.ask("POST", f"/v1/runs/{run_id}/steps/{name}", body)
        assert status == 202, said
        wait_until(lambda: self.step(run_id, name)["ended"], seconds=PATIENCE)
        return self.step(run_id, name)

    def is_up(self):
        assert self.process.poll() is None
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def kill(self):
        """End every process of the instance as a crash does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A checkout whose controller's tables are in PostgreSQL, with a filled warehouse."""
    root = tmp_path_factory.mktemp("rest") / "checkout"
    with (
        running_postgres(durable=False) as server,
        checkout(root, SOURCE, "process") as made,
    ):
        path = root / "platform" / "environments" / "local.yaml"
        lines = path.read_text().splitlines()
        kept = [line for line in lines if not line.startswith("database_url:")]
        url = server.create_database("controller")
        path.write_text("\n".join([*kept, f'database_url: "{url}"', ""]))
        for command in ("local.up", "warehouse.seed"):
            outcome = made.invoke(command)
            assert outcome.exit_code == 0, outcome.errors
        yield made


@contextmanager
def instances(home):
    """Yield what starts an instance; end those that live afterwards."""
    started = []
    asked = ("token.create", "--role", "admin", "--json", "--name")

    def start():
        port, name = free_port(), f"t{len(started)}-{os.urandom(4).hex()}"
        token = home.invoke(*asked, name).data["secret"]
        words = ["controller", "serve", "--port", str(port), "--workers", "1"]
        with (home.root / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "slipway.tasks", *words],
                cwd=home.root,
                env=home.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        made = Served(f"http://127.0.0.1:{port}", process, token)
        started.append(made)
        wait_until(made.is_up, seconds=PATIENCE)
        return made

    try:
        yield start
    finally:
        for made in started:
            if made.process.poll() is None:
                made.process.terminate()
                made.process.wait(timeout=60)


@pytest.fixture
def serve(home):
    with instances(home) as start:
        yield start


@pytest.fixture(scope="module")
def served(home):
    """One instance for all tests of a file."""
    with instances(home) as start:
        yield start()


def copied(home, name):
    """Copy the example model under another name, and return its folder."""
    folder = home.root / "models" / name
    shutil.copytree(home.root / "models" / MODEL, folder)
    for path in folder.rglob("*"):
        if path.suffix in {".py", ".yaml", ".toml"} or path.name == "Dockerfile":
            path.write_text(path.read_text().replace(MODEL, name))
    return folder


def edited(path, old, new):
    """Replace text that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def copied_model(home):
    """Make a copy of the example model under another name, and return that."""
    return lambda name: copied(home, name).name


@pytest.fixture
def slow_model(home):
    """Make a copy of the example model whose training takes a while."""

    def copy(name, seconds):
        old = "self.pipeline = make_pipeline("
        sleep = f"import time\n        time.sleep({seconds})\n        {old}"
        edited(copied(home, name) / "model.py", old, sleep)
        return name

    return copy


@pytest.fixture(scope="module")
def watched_model(home):
    """A copy of the example model that shifts its traffic, whose version 1 serves."""
    name = "shifted"
    path = copied(home, name) / "model.yaml"
    edited(path, "\nendpoint:\n", f"\nendpoint:\n{_WATCHED}")
    outcome = home.invoke("deploy", "--model", name, "--date", DATE)
    assert outcome.exit_code == 0, outcome.errors
    return name
