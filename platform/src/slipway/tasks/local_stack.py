"""The local SageMaker server: started apart from the command, found again, ended."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Literal, cast
from urllib.request import urlopen

import orjson

from slipway.errors import InvalidRequestError, UnavailableError
from slipway.settings import LocalStack, Settings

_START_PATIENCE = 30
_STOP_PATIENCE = 60
_POLL = 0.05


@dataclass(frozen=True)
class Health:
    """What the server says of itself."""

    pid: int
    executor: Literal["docker", "process"]
    #: The folder that it keeps its state in.
    state: str


def up(settings: Settings) -> tuple[Health, bool]:
    """Return the running server's health, and whether this call started it."""
    stack = _stack(settings)
    found = health(stack.port)
    if found is not None:
        _check_ours(settings, found)
        return found, False
    return _start(settings, stack), True


def down(settings: Settings) -> bool:
    """End the server and everything it runs; return whether there was one."""
    found = health(_stack(settings).port)
    if found is None:
        return False
    _check_ours(settings, found)
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_PATIENCE
    while _lives(found.pid):
        if time.monotonic() > deadline:
            message = f"The local stack, process {found.pid}, does not end. Its log: {_log(settings)}"
            raise UnavailableError(message)
        time.sleep(_POLL)
    return True


def health(port: int) -> Health | None:
    """Return what answers on `port`; None: nothing of Slipway's does."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/_slipway/health", timeout=5) as answer:
            said = orjson.loads(answer.read())
            return Health(said["pid"], said["executor"], said["state"])
    except (OSError, HTTPException, orjson.JSONDecodeError, KeyError, TypeError):
        return None


def images_root(settings: Settings) -> Path:
    """Return the folder of images that run as processes."""
    return settings.state / "images"


def state_folder(settings: Settings) -> Path:
    """Return the folder of the server's own state: tables, objects, logs."""
    return settings.state / settings.environment.name / "sagemaker"


def _start(settings: Settings, stack: LocalStack) -> Health:
    state, log = state_folder(settings), _log(settings)
    state.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "slipway.sagemaker_local"]
    command += ["--port", str(stack.port), "--executor", stack.executor]
    command += ["--state", str(state), "--images", str(images_root(settings))]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_PATIENCE
    while (found := health(stack.port)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text("utf-8", "replace").strip().splitlines()
            reason = lines[-1] if lines else f"it ended with {process.returncode}"
            message = (
                f"The local stack does not start: {reason}\nIts log: {log}. Another"
                " port: SLIPWAY_PORT=5056 invoke local.up"
            )
            raise UnavailableError(message)
        time.sleep(_POLL)
    _check_ours(settings, found)
    return found


def _stack(settings: Settings) -> LocalStack:
    stack = settings.environment.local_stack
    if stack is None:
        name = settings.environment.name
        message = f"The environment {name!r} is AWS: it has no local stack"
        raise InvalidRequestError(message)
    return stack


def _check_ours(settings: Settings, found: Health) -> None:
    """Refuse a server of another checkout: its S3 is not ours."""
    if Path(found.state).resolve() != state_folder(settings).resolve():
        port = cast("LocalStack", settings.environment.local_stack).port
        message = (
            f"Port {port} belongs to the local stack of another checkout, with its state"
            f" in {found.state}. End that one, or choose a port: SLIPWAY_PORT={port + 1}"
        )
        raise UnavailableError(message)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Tell whether the process has ended and only waits to be collected."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def _log(settings: Settings) -> Path:
    return settings.state / settings.environment.name / "server.log"
