"""An instance of the controller's API on this machine: started, found again, ended."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import orjson

from slipway.application.ports import check_port_is_free
from slipway.application.requests import TokenAsked
from slipway.application.state import made_state
from slipway.application.tokens import create_token
from slipway.application.workspace import Workspace
from slipway.errors import ConflictError, UnavailableError
from slipway.locking import locked
from slipway.settings import Settings

#: Names another port than the one that is usual.
PORT_VARIABLE = "SLIPWAY_CONTROLLER_PORT"
PORT = 5056
#: The token that the first start makes, for whoever is at this machine.
_TOKEN = "first-start"  # noqa: S105 - its name, no secret
_START_PATIENCE = 60
_STOP_PATIENCE = 40
_POLL = 0.1


@dataclass(frozen=True)
class Instance:
    """An instance that runs."""

    url: str
    pid: int


def up(workspace: Workspace, port: int, workers: int) -> tuple[Instance, bool]:
    """Return the running instance, and whether this call started it."""
    folder = _folder(workspace.settings)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "controller.lock"):
        found = running(workspace.settings)
        if found is not None:
            return found, False
        check_port_is_free(port, PORT_VARIABLE)
        ensure_token(workspace)
        started = _start(workspace.settings, port, workers)
        record = orjson.dumps({"url": started.url, "pid": started.pid})
        _record(workspace.settings).write_bytes(record)
        return started, True


def down(settings: Settings) -> bool:
    """End the instance that `up` started; tell whether there was one."""
    found = running(settings)
    _record(settings).unlink(missing_ok=True)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_PATIENCE
    while _answers(found.url):
        if time.monotonic() > deadline:
            message = f"The controller, process {found.pid}, does not end"
            raise UnavailableError(message)
        time.sleep(_POLL)
    return True


def running(settings: Settings) -> Instance | None:
    """Return the instance that `up` started, if it answers."""
    try:
        said = orjson.loads(_record(settings).read_bytes())
        found = Instance(str(said["url"]), int(said["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if _answers(found.url) else None


def token_file(settings: Settings) -> Path:
    """Return the file that holds the first start's token, for its owner alone."""
    return _folder(settings) / "controller.token"


def ensure_token(workspace: Workspace) -> None:
    """Make an admin's token where this machine has none, and keep it in its file."""
    path = token_file(workspace.settings)
    if path.exists():
        return
    name = _TOKEN
    for number in range(2, 1000):
        try:
            made = create_token(workspace, TokenAsked(name=name, role="admin"))
        except ConflictError:  # another machine's
            name = f"{_TOKEN}-{number}"
            continue
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{made.secret}\n")
        return


def _start(settings: Settings, port: int, workers: int) -> Instance:
    made_state(settings)
    log = _folder(settings) / "controller.log"
    words = ["controller", "serve", "--env", settings.environment.name]
    options = ["--port", str(port), "--workers", str(workers)]
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "slipway.tasks", *words, *options],
            cwd=settings.root,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + _START_PATIENCE
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text("utf-8", "replace").strip().splitlines() or ["?"]
            message = f"The controller does not start: {lines[-1]}. Its log: {log}"
            raise UnavailableError(message)
        time.sleep(_POLL)
    return Instance(url, process.pid)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def _record(settings: Settings) -> Path:
    return _folder(settings) / "controller.json"


def _folder(settings: Settings) -> Path:
    return settings.state / settings.environment.name
