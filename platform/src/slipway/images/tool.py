"""A command-line tool run as a child process, its output passed on line by line."""

import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from slipway.errors import StepFailedError

Progress = Callable[[str], None]

#: Lines of output that an error repeats.
LAST_LINES = 20


def silent(line: str) -> None:
    """Pass progress to nobody."""


def run_tool(
    argv: Sequence[str | Path],
    *,
    what: str,
    progress: Progress = silent,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run `argv` to its end; raise StepFailedError with its last lines if it fails."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(  # noqa: S603 - the callers' own argument lists, no shell
        [str(part) for part in argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=env,
        cwd=cwd,
    ) as process:
        try:
            for line in process.stdout or ():
                last.append(line.rstrip())
                progress(line.rstrip())
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise failure(what, last, f"exit code {process.returncode}")


def failure(
    what: str, lines: Sequence[str] | deque[str], cause: str
) -> StepFailedError:
    """Return the error of `what`, with the last lines of its log."""
    log = "\n".join(f"  {line}" for line in lines)
    message = f"{what} failed ({cause}). Its last lines:\n{log or '  (none)'}"
    return StepFailedError(message)
