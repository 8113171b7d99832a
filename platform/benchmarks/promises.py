"""What was promised, and what a run found."""

import sys
from collections.abc import Callable
from time import perf_counter


class Promises:
    """Prints a line for each promise, and knows whether all were kept."""

    def __init__(self) -> None:
        self.broken = 0

    def judge(self, kept: bool, text: str) -> None:
        """Print one promise with its verdict."""
        self.broken += not kept
        say(f"{'kept  ' if kept else 'BROKEN'} {text}")

    @property
    def exit_code(self) -> int:
        """1 where one was broken."""
        return 1 if self.broken else 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = perf_counter()
    call()
    return perf_counter() - began
