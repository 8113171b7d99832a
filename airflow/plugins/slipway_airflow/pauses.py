"""How long a trigger waits between two questions."""

import random
from collections.abc import Iterator

#: Seconds before the second question, and the most between two.
FIRST, LAST = 1.0, 30.0
_GROWTH = 1.5


def pauses(first: float = FIRST, last: float = LAST) -> Iterator[float]:
    """Yield seconds that grow from `first` to `last`, each with its own jitter.

    Triggers that began together do not ask together: each waits half to all of it.
    """
    longest = first
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - jitter, no secret
        longest = min(longest * _GROWTH, last)
