"""How fast the controller looks: polls, back-offs."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from slipway.sagemaker.errors import Fault


@dataclass(frozen=True)
class Backoff:
    """How long to wait after failures: anywhere between nothing and a growing ceiling."""

    #: Seconds: the ceiling after the first failure, and the highest.
    first: float
    cap: float

    def delay(self, failures: int, draw: Callable[[], float]) -> float:
        """Return the seconds to wait after so many failures in a row: full jitter."""
        ceiling = min(self.cap, self.first * 2.0 ** min(failures - 1, 30))
        return ceiling * draw()


_USUAL = Backoff(first=2, cap=28)
#: What takes minutes to change: others' work ends, an update goes through.
_SLOW = Backoff(first=15, cap=120)
_BACKOFFS = {Fault.QUOTA: _SLOW, Fault.BUSY: _SLOW}


@dataclass(frozen=True)
class Pace:
    """The waits of a ledger; tests give their own clock."""

    #: Seconds between two looks at a resource.
    poll_seconds: float
    #: Looks a second that the account's budget lets pass, for long.
    looks: float = math.inf
    sleep: Callable[[float], None] = time.sleep
    #: Draws evenly from 0 to 1.
    draw: Callable[[], float] = random.random

    def after(self, fault: Fault, failures: int) -> float:
        """Return the seconds to wait after a call failed so often in a row."""
        return _BACKOFFS.get(fault, _USUAL).delay(failures, self.draw)
