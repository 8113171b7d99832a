"""Mini-batches: the records of one request."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

from slipway.sagemaker_local.jobs.transform.faults import too_large
from slipway.sagemaker_local.jobs.transform.records import Unit

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Sent:
    """One record as it was read, and as it is sent."""

    original: Unit
    unit: Unit


@dataclass(frozen=True)
class Batch:
    """The records of one request, in order."""

    records: tuple[Sent, ...]
    body: bytes


def batched(records: Iterable[Sent], largest: int, *, single: bool) -> Iterator[Batch]:
    """Yield batches that are as full as they may be; a body has at most `largest`."""
    waiting: list[Sent] = []
    size = 0
    for record in records:
        body = record.unit.content if single else record.unit.framed
        if len(body) > largest:
            raise too_large()
        if single:
            yield Batch((record,), body)
            continue
        if waiting and size + len(body) > largest:
            yield _several(waiting)
            waiting, size = [], 0
        waiting.append(record)
        size += len(body)
    if waiting:
        yield _several(waiting)


def in_order(
    pool: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int
) -> Iterator[R]:
    """Yield what `work` makes of each item, in order, with at most `ahead` under way.

    The first that raises ends it: what is under way is waited for, and nothing begun.
    """
    running: deque[Future[R]] = deque()
    try:
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) >= ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for each in running:
            if not each.cancel():
                each.exception()


def _several(records: list[Sent]) -> Batch:
    return Batch(tuple(records), b"".join(each.unit.framed for each in records))
