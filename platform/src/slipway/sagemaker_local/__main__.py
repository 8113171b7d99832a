"""The command `python -m slipway.sagemaker_local`."""

import argparse
import fcntl
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from slipway.errors import InvalidRequestError
from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker_local.assembly import (
    ServerSettings,
    assembled,
    resume,
    shut_down,
)
from slipway.sagemaker_local.executors.choice import CHOICES
from slipway.sagemaker_local.fault_switches.switches import FaultSwitches
from slipway.sagemaker_local.front import Front
from slipway.sagemaker_local.http_server import new_server
from slipway.sagemaker_local.listener import listen

HOST = "127.0.0.1"
DEFAULT_PORT = 5055
#: SageMaker's grace between SIGTERM and SIGKILL, in seconds.
STOP_GRACE = 120.0


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m slipway.sagemaker_local",
        description="A SageMaker-compatible server for this machine.",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help=f"where to listen on {HOST} (default {DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder that keeps everything"
    )
    parser.add_argument(
        "--images", type=Path, required=True, help="folder of process images"
    )
    parser.add_argument(
        "--executor", choices=CHOICES, default="auto", help="what runs containers"
    )
    parser.add_argument(
        "--stop-grace",
        type=float,
        default=STOP_GRACE,
        help="seconds from SIGTERM to SIGKILL when a job is stopped (default 120)",
    )
    parser.add_argument(
        "--fault-switches",
        action="store_true",
        help="let tests ask for faults at /_slipway/faults",
    )
    return parser.parse_args(arguments)


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
    listener = listen(HOST, options.port)
    port = listener.getsockname()[1]
    state = options.state.resolve()
    lock = _locked(state)
    tempfile.tempdir = str(_empty_folder(state / "tmp"))
    settings = ServerSettings(
        state=state,
        images=options.images.resolve(),
        executor=options.executor,
        endpoint_url=f"http://{HOST}:{port}",
        stop_grace=options.stop_grace,
    )
    switches = FaultSwitches(enabled=options.fault_switches)
    stack = assembled(settings, switches)
    resume(stack)
    health = {
        "executor": stack.executor.name,
        "version": version("slipway"),
        "pid": os.getpid(),
        "state": str(state),
    }
    server = new_server(Front(stack, health, switches), listener)
    signal.signal(signal.SIGTERM, _leave)
    sys.stdout.write(f"{settings.endpoint_url} ({stack.executor.name} executor)\n")
    sys.stdout.flush()
    Thread(target=_warm_up, daemon=True).start()
    try:
        server.run()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        listener.close()
        shut_down(stack)
        os.close(lock)


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
