"""The options of the command `python -m slipway.sagemaker_local`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.access.credentials import KEY_VARIABLE, SECRET_VARIABLE
from slipway.sagemaker_local.access.gate import is_loopback
from slipway.sagemaker_local.executors.choice import CHOICES

HOST = "127.0.0.1"
DEFAULT_PORT = 5055
#: SageMaker's grace between SIGTERM and SIGKILL, in seconds.
STOP_GRACE = 120.0
#: CloudWatch's period, which target tracking looks at, in seconds.
SCALING_PERIOD = 60


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
        help=f"where to listen (default {DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument(
        "--host",
        default=HOST,
        help=f"address to listen on (default {HOST}; any other needs credentials)",
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        help="take only what is signed with a key of this file; it is like "
        f"~/.aws/credentials ({KEY_VARIABLE} and {SECRET_VARIABLE} name a pair, too)",
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder that keeps everything"
    )
    parser.add_argument(
        "--images",
        type=Path,
        help="folder of process images (default: images, in the state folder)",
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
        "--scaling-period",
        type=_seconds,
        default=SCALING_PERIOD,
        help="seconds of a datapoint that scaling policies are held against (default "
        "60, as on AWS; rates stay those of a minute)",
    )
    parser.add_argument(
        "--fault-switches",
        action="store_true",
        help="let tests ask for faults at /_slipway/faults",
    )
    return parser.parse_args(arguments)


def _seconds(text: str) -> int:
    seconds = int(text)
    if seconds < 1:
        message = f"{text} is shorter than a second"
        raise argparse.ArgumentTypeError(message)
    return seconds


def check_exposure(options: argparse.Namespace, *, verifies: bool) -> None:
    """Refuse to listen where others are without a check of who they are."""
    if is_loopback(options.host):
        return
    if not verifies:
        message = (
            f"The server does not listen on {options.host} without credentials: anybody "
            "there could run programs here. Name a file of them: --credentials"
        )
        raise InvalidRequestError(message)
    if options.fault_switches:
        message = f"--fault-switches works on {HOST} only, not on {options.host}"
        raise InvalidRequestError(message)
