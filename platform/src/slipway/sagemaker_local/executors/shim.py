"""The parent of one job's process: outlives the server, and records how it ended.

Runs as a script of its own on the standard library alone: `python -I -S shim.py
<folder>`. Holds an exclusive lock on `<folder>/lock` for as long as it lives, writes
each line of output with its time, and at the end `exit.json`, at once or not at all.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from io import RawIOBase
from typing import IO, Any

LONGEST_LINE = 64 * 1024
#: How long output may come after the process has ended, from processes it let loose.
LINGER = 2.0
_SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


def write(folder: str, name: str, content: dict[str, Any]) -> None:
    """Write a JSON file that is there whole or not at all."""
    unfinished = os.path.join(folder, f".{name}")  # noqa: PTH118  # pathlib costs 10 ms
    with open(unfinished, "w", encoding="utf-8") as file:  # noqa: PTH123  # as above
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, os.path.join(folder, name))  # noqa: PTH105, PTH118  # as above


def pump(source: IO[bytes], log: RawIOBase) -> None:
    """Copy lines to the log, each with its time in milliseconds in front.

    A line that a full disk refuses is dropped: the job must not block on its output.
    No line is older than the one before it, whatever becomes of the clock.
    """
    moment = 0
    while line := source.readline(LONGEST_LINE):
        moment = max(moment, int(time.time() * 1000))
        append(log, b"%d %b\n" % (moment, line.rstrip(b"\r\n")))


def append(log: RawIOBase, lines: bytes) -> None:
    """Write whole lines at the end of a log, or nothing where the disk is full."""
    end = log.seek(0, os.SEEK_END)
    try:
        if log.write(lines) == len(lines):
            return
    except OSError:
        pass
    # Half a line would be the beginning of the next one.
    log.truncate(end)


def supervise(folder: str) -> None:
    """Run the workload of a folder, unless it has run."""
    lock = os.open(os.path.join(folder, "lock"), os.O_CREAT | os.O_RDWR)  # noqa: PTH118
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.path.exists(os.path.join(folder, "supervisor.json")):  # noqa: PTH110, PTH118
        return
    with open(os.path.join(folder, "workload.json"), "rb") as file:  # noqa: PTH118, PTH123
        workload = json.load(file)
    child: list[subprocess.Popen[bytes]] = []
    terminated = threading.Event()

    def terminate(_number: int, _frame: object) -> None:
        terminated.set()
        if child:
            child[0].terminate()

    def kill(_number: int, _frame: object) -> None:
        if child:
            os.killpg(child[0].pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGUSR1, kill)
    write(folder, "supervisor.json", {"pid": os.getpid()})
    try:
        process = subprocess.Popen(  # noqa: S603  # running the job is the purpose
            workload["argv"],
            cwd=workload["cwd"],
            env=workload["environment"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        write(folder, "exit.json", {"code": 127, "error": str(error)})
        return
    child.append(process)
    write(folder, "child.json", {"pid": process.pid, "started_at": time.time()})
    if terminated.is_set():
        process.terminate()
    write(folder, "exit.json", {"code": finish(process, workload["log"])})


def finish(process: "subprocess.Popen[bytes]", log_path: str) -> int:
    """Log the output until the process ends; return its code as a shell would."""
    with open(log_path, "ab", buffering=0) as log:  # noqa: PTH123  # pathlib costs 10 ms
        copying = threading.Thread(target=pump, args=(process.stdout, log), daemon=True)
        # A signal that the copying thread got would not wake this one, which acts on it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        copying.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        code = process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        copying.join(LINGER)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    supervise(sys.argv[1])
