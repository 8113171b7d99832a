"""Where an image runs on this machine alone, by SageMaker's container contract."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Answer:
    """What a serving image answered."""

    #: The HTTP status.
    status: int
    #: The body.
    body: bytes


@dataclass(frozen=True)
class Question:
    """What a serving image is asked."""

    #: `/ping` is got; `/invocations` is posted to.
    path: str
    #: The JSON body of a post; empty for a get.
    body: bytes = b""


#: Asks a serving image one question; raises ConnectionError until it listens.
Ask = Callable[[Question], Answer]


class Sandbox(Protocol):
    """One image, run as containers without a network, or as processes."""

    def run(self, command: str, root: Path) -> None:
        """Run one command with the folder `root` as `/opt/ml`, which it changes.

        Raises StepFailedError with the job's own reason and its last lines.
        """

    def serve(self, root: Path) -> AbstractContextManager[Ask]:
        """Serve with `root` as `/opt/ml` until the context ends."""


def failure_reason(root: Path, exit_code: int) -> str:
    """Return what a job left in its failure file, or its exit code."""
    file = root / "output" / "failure"
    reason = (
        file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    )
    return reason.strip() or f"exit code {exit_code}"
