"""The command `python -m slipway.sagemaker_local`."""

import argparse
import fcntl
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from slipway.errors import InvalidRequestError
from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker_local.access.credentials import (
    PLACEHOLDER,
    given_pairs,
    role_pair,
)
from slipway.sagemaker_local.access.gate import Gate
from slipway.sagemaker_local.access.signatures import Verifier
from slipway.sagemaker_local.assembly import (
    ServerSettings,
    assembled,
    resume,
    scaling,
    shut_down,
)
from slipway.sagemaker_local.fault_switches.switches import FaultSwitches
from slipway.sagemaker_local.front import Front
from slipway.sagemaker_local.http_server import new_server
from slipway.sagemaker_local.listener import listen
from slipway.sagemaker_local.options import HOST, check_exposure, parsed


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM; return the exit code."""
    options = parsed(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        serve(options)
    except InvalidRequestError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def serve(options: argparse.Namespace) -> None:
    """Listen, bring the state back, answer, and stop everything at the end."""
    pairs = given_pairs(options.credentials, os.environ)
    check_exposure(options, verifies=bool(pairs))
    listener = listen(options.host, options.port)
    state = options.state.resolve()
    lock = _locked(state)
    tempfile.tempdir = str(_empty_folder(state / "tmp"))
    settings = ServerSettings(
        state=state,
        images=(options.images or state / "images").resolve(),
        executor=options.executor,
        endpoint_url=_address(listener),
        role=role_pair(state) if pairs else PLACEHOLDER,
        stop_grace=options.stop_grace,
    )
    switches = FaultSwitches(enabled=options.fault_switches)
    stack = assembled(settings, switches)
    resume(stack)
    scaler = scaling(stack, options.scaling_period)
    scaler.start()
    gate = Gate(Verifier([*pairs, settings.role]) if pairs else None)
    public = {"executor": stack.executor.name, "version": version("slipway")}
    private = {"pid": os.getpid(), "state": str(state)}
    health = public if gate.verifies else {**public, **private}
    server = new_server(Front(stack, health, switches, gate), listener)
    signal.signal(signal.SIGTERM, _leave)
    sys.stdout.write(f"{settings.endpoint_url} ({stack.executor.name} executor)\n")
    sys.stdout.flush()
    Thread(target=_warm_up, daemon=True).start()
    try:
        server.run()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        listener.close()
        scaler.close()
        shut_down(stack)
        os.close(lock)


def _address(listener: socket.socket) -> str:
    """Return where programs of this machine reach a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://{HOST if host == '0.0.0.0' else host}:{port}"  # noqa: S104  # no bind


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _warm_up() -> None:
    """Load the service model, so that the first caller does not wait for it."""
    input_shape("sagemaker", "CreateTrainingJob")


def _locked(state: Path) -> int:
    """Keep other servers off a state folder for as long as this one lives."""
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"Another server uses the state folder {state}. Stop it first"
        raise InvalidRequestError(message) from error
    return descriptor


def _empty_folder(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
