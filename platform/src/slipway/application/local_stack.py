"""The local SageMaker server: started apart from the command, found again, ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from slipway.application.ports import check_port_is_free
from slipway.application.server import Server, forget, own_server, record, server_at
from slipway.application.state import (
    images_root,
    made_state,
    server_lock,
    server_log,
    server_state,
)
from slipway.errors import InvalidRequestError, UnavailableError
from slipway.locking import locked
from slipway.settings import LocalStack, Settings

_START_PATIENCE = 30
_STOP_PATIENCE = 60
_POLL = 0.05


def up(settings: Settings) -> tuple[Server, bool]:
    """Return the running server, and whether this call started it."""
    stack = _stack(settings)
    found = own_server(settings)
    if found is not None:
        _check_as_asked(stack, found)
        return found, False
    made_state(settings)
    lock = server_lock(settings)
    lock.parent.mkdir(exist_ok=True)
    with locked(lock):  # another command may be starting it
        found, started = own_server(settings), False
        if found is None:
            _check_port_is_free(stack.port)
            found, started = _start(settings, stack), True
            record(settings, found)
    _check_as_asked(stack, found)
    return found, started


def down(settings: Settings) -> bool:
    """End the server and everything it runs; return whether there was one.

    It is found by its state folder also where SLIPWAY_PORT names another port.
    """
    _stack(settings)
    found = own_server(settings)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_PATIENCE
    while _lives(found.pid):
        if time.monotonic() > deadline:
            message = (
                f"The local stack, process {found.pid}, does not end."
                f" Its log: {server_log(settings)}"
            )
            raise UnavailableError(message)
        time.sleep(_POLL)
    forget(settings)
    return True


def check_up(settings: Settings) -> Server | None:
    """Return the local stack's server, if the environment has one; raise if it is down."""
    stack = settings.environment.local_stack
    if stack is None:
        return None
    found = own_server(settings)
    if found is not None:
        _check_port(stack, found)
        return found
    _check_port_is_free(stack.port)
    message = (
        "SageMaker cannot be reached: the local stack is not up on port"
        f" {stack.port}. Start it: invoke local.up"
    )
    raise UnavailableError(message)


def _start(settings: Settings, stack: LocalStack) -> Server:
    if stack.executor == "docker":
        _check_docker()
    state, log = server_state(settings), server_log(settings)
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
    return _awaited(settings, process)


def _check_docker() -> None:
    from slipway.images.docker_image import daemon_answers  # late: docker-py is slow

    if not daemon_answers():
        message = (
            "The local stack does not start: no Docker daemon answers. Start Docker, or"
            " run jobs without it: SLIPWAY_EXECUTOR=process invoke local.up"
        )
        raise UnavailableError(message)


def _awaited(settings: Settings, process: subprocess.Popen[bytes]) -> Server:
    deadline = time.monotonic() + _START_PATIENCE
    while (found := own_server(settings)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            log = server_log(settings)
            lines = log.read_text("utf-8", "replace").strip().splitlines()
            reason = lines[-1] if lines else f"it ended with {process.returncode}"
            message = f"The local stack does not start: {reason}\nIts log: {log}"
            raise UnavailableError(message)
        time.sleep(_POLL)
    return found


def _stack(settings: Settings) -> LocalStack:
    stack = settings.environment.local_stack
    if stack is None:
        name = settings.environment.name
        message = f"The environment {name!r} is AWS: it has no local stack"
        raise InvalidRequestError(message)
    return stack


def _check_as_asked(stack: LocalStack, found: Server) -> None:
    """Refuse a server that is up with another port or executor than is asked for."""
    _check_port(stack, found)
    if stack.executor not in {"auto", found.executor}:
        message = (
            f"The local stack runs jobs by {found.executor}; SLIPWAY_EXECUTOR asks for"
            f" {stack.executor}. End it first: invoke local.down"
        )
        raise InvalidRequestError(message)


def _check_port(stack: LocalStack, found: Server) -> None:
    if found.port != stack.port:
        message = (
            f"The local stack of this checkout is up on port {found.port}, process"
            f" {found.pid}; port {stack.port} is asked for. End it first: invoke"
            f" local.down, or use it: SLIPWAY_PORT={found.port}"
        )
        raise UnavailableError(message)


def _check_port_is_free(port: int) -> None:
    """Refuse a port that something else has: another checkout's S3 is not ours."""
    other = server_at(port)
    owner = (
        f"belongs to the local stack of another checkout, process {other.pid}, with its"
        f" state in {other.state}"
        if other is not None
        else ""
    )
    check_port_is_free(port, "SLIPWAY_PORT", owner=owner)


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
