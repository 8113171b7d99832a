"""Waiting for a condition, so that no test sleeps for a guess."""

import time
from collections.abc import Callable

_PAUSE = 0.05


def wait_until(
    condition: Callable[[], object], *, seconds: float, pause: float = _PAUSE
) -> None:
    """Return when `condition` holds, looked at after each pause, or raise TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = f"{condition} did not hold within {seconds:g} s"
            raise TimeoutError(message)
        time.sleep(pause)
