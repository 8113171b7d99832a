"""How long a trigger waits between two questions."""

import random
from collections.abc import Iterator

#: Seconds before the second question, and the most between two.
FIRST, LAST = 1.0, 30.0
#: The seconds after the first question in which a task is not woken. For five seconds
#: Airflow waits for the process that deferred; a task that goes on just then it takes for
#: failed, and tries it again: https://github.com/apache/airflow/issues/72716
QUIET = (1.5, 6.5)
_GROWTH = 1.5


def pauses(first: float = FIRST, last: float = LAST) -> Iterator[float]:
    """Yield seconds that grow from `first` to `last`, each with its own jitter.

    Triggers that began together do not ask together: each waits half to all of it.
    """
    longest = first
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - jitter, no secret
        longest = min(longest * _GROWTH, last)


def waking_pauses() -> Iterator[float]:
    """Yield pauses for a task that waits: none of them ends in the quiet seconds."""
    begins, ends = QUIET
    waited = 0.0
    for pause in pauses():
        quiet = begins < waited + pause < ends
        chosen = ends - waited + pause if quiet else pause
        waited += chosen
        yield chosen
