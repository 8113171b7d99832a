"""A checkout of its own for a test: its models, its local stack, its state."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from slipway.names import dashed
from slipway.sagemaker_local.identity import (
    ACCESS_KEY,
    DEFAULT_REGION,
    SECRET_KEY,
)

#: What a command line needs of the checkout that it stands in.
_LINKED = ("tasks.py", "copier-template", "ci", "sql")
#: What a test may change: copied.
_COPIED = ("models", "airflow")
_ENVIRONMENTS = "environments"


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    exit_code: int
    #: Standard output and standard error.
    output: str
    errors: str

    @property
    def data(self) -> Any:
        """What the command printed with `--json`."""
        return json.loads(self.output)


@dataclass(frozen=True)
class Checkout:
    """A folder that `invoke` takes for a checkout, apart from the real one."""

    root: Path
    port: int
    #: `docker` or `process`.
    executor: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its commands run with."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE"  # each command would compile anew
        }
        return inherited | {
            "SLIPWAY_PORT": str(self.port),
            "SLIPWAY_EXECUTOR": self.executor,
            "SLIPWAY_STATE": str(self.state),
            "COLUMNS": "200",
        }

    @property
    def state(self) -> Path:
        """What its commands keep."""
        return self.root / ".slipway"

    @property
    def endpoint_url(self) -> str:
        """Where its local stack answers."""
        return f"http://127.0.0.1:{self.port}"

    def invoke(self, *words: str) -> Outcome:
        """Run one command to its end."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=600)
        return Outcome(process.returncode, output, errors)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start one command, in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "invoke", *words],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def client(self, service: str) -> Any:
        """Return a boto3 client of its local stack."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=DEFAULT_REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )

    def training_jobs(self, model: str) -> dict[str, str]:
        """Return the status of each of a model's training jobs, by its name."""
        found = self.client("sagemaker").list_training_jobs(NameContains=dashed(model))
        return {
            job["TrainingJobName"]: job["TrainingJobStatus"]
            for job in found["TrainingJobSummaries"]
        }

    def is_training(self, model: str) -> bool:
        """Tell whether a training job of a model is under way."""
        return "InProgress" in self.training_jobs(model).values()

    def kill_server(self) -> None:
        """End the local stack's server as `kill -9` does; what it started lives on."""
        found = self.invoke("local.up", "--json").data
        os.kill(found["pid"], signal.SIGKILL)


@contextmanager
def checkout(root: Path, source: Path, executor: str) -> Iterator[Checkout]:
    """Make a checkout at `root` from the one at `source`.

    Its models, their DAGs and its environments are copies; all else is the source's own.

    Its local stack is ended when the block is left.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name in _LINKED:
        (root / name).symlink_to(source / name)
    (root / "platform").mkdir()
    for path in (source / "platform").iterdir():
        if path.name != _ENVIRONMENTS:
            (root / "platform" / path.name).symlink_to(path)
    shutil.copytree(
        source / "platform" / _ENVIRONMENTS, root / "platform" / _ENVIRONMENTS
    )
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in _COPIED:
        shutil.copytree(source / name, root / name, ignore=ignored)
    made = Checkout(root, free_port(), executor)
    try:
        yield made
    finally:
        made.invoke("local.down")


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
