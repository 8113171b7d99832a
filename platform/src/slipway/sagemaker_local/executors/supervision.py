"""The server's view of one shim: alive or not, how it ended, and its signals."""

import contextlib
import fcntl
import json
import os
import select
import signal
import time
from pathlib import Path
from typing import Any

import psutil

from slipway.sagemaker_local.executors.contract import Condition, Phase

#: How far a process's start may lie from the shim's note of it, in seconds.
_START_TOLERANCE = 5.0
_PAUSE = 0.02
#: poll() counts milliseconds in 32 bits.
_LONGEST_POLL = 3600.0


def condition_of(folder: Path) -> Condition:
    """Return how the workload of a folder is."""
    ended = _ended(folder)
    if ended is not None:
        return ended
    if is_held(folder / "lock"):
        return Condition(Phase.RUNNING)
    ended = _ended(folder)
    if ended is not None:
        return ended
    laid_out = (folder / "workload.json").exists()
    if laid_out and not (folder / "supervisor.json").exists():
        return Condition(Phase.CREATED)
    return Condition(Phase.LOST)


def is_held(lock: Path) -> bool:
    """Say whether a process holds the lock of a file."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def wait_for_shim(folder: Path, deadline: float) -> None:
    """Return when the shim has ended, or at a moment of the monotonic clock."""
    pid = _note(folder, "supervisor.json").get("pid")
    if pid is None or not is_held(folder / "lock"):
        return
    try:
        descriptor = os.pidfd_open(pid)
    except AttributeError:
        # Not on Linux: ask again and again.
        while is_held(folder / "lock") and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return
    except ProcessLookupError:
        return
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        # The lock proves that the descriptor is the shim's, not a later process's.
        while is_held(folder / "lock"):
            left = min(deadline - time.monotonic(), _LONGEST_POLL)
            if left <= 0 or poller.poll(int(left * 1000) + 1):
                return
    finally:
        os.close(descriptor)


def signal_shim(folder: Path, number: signal.Signals) -> None:
    """Send a signal to a shim that is alive."""
    pid = _note(folder, "supervisor.json").get("pid")
    if pid is not None and is_held(folder / "lock"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_orphan(folder: Path) -> None:
    """Kill what a shim left that was itself killed."""
    note = _note(folder, "child.json")
    if not note or is_held(folder / "lock"):
        return
    with contextlib.suppress(psutil.Error, ProcessLookupError):
        process = psutil.Process(note["pid"])
        if abs(process.create_time() - note["started_at"]) < _START_TOLERANCE:
            os.killpg(note["pid"], signal.SIGKILL)


def _ended(folder: Path) -> Condition | None:
    note = _note(folder, "exit.json")
    if not note:
        return None
    return Condition(Phase.EXITED, exit_code=note["code"], error=note.get("error", ""))


def _note(folder: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((folder / name).read_bytes())
    except FileNotFoundError:
        return {}
    return dict(content)
