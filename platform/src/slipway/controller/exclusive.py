"""One at a time: whoever moves something holds its lease, and a lock on this machine."""

import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from slipway.controller.local_lock import LocalLock, OpenLock
from slipway.controller.store import Held, Leases, Seen, Store
from slipway.errors import UnavailableError

#: Seconds between two looks at a lease that somebody else holds: the first, the longest.
_PAUSE, _LONGEST = 0.2, 1.0


class Movable(Protocol):
    """A dataclass of a lease and tables: whoever holds the lease fences them."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def store(self) -> Store:
        """The tables."""

    @property
    def leases(self) -> Leases:
        """The leases of the same database."""

    @property
    def lease(self) -> str:
        """What is held."""

    @property
    def lock(self) -> LocalLock:
        """The file that is locked as well on this machine."""


AnyMovable = TypeVar("AnyMovable", bound=Movable)


@contextmanager
def moving(
    context: AnyMovable, waiting: Callable[[Seen], None]
) -> Iterator[AnyMovable]:
    """Hold the context's lease; yield the context whose writes it fences.

    Calls `waiting` at each look while somebody else holds it. A holder whose process
    ended on this machine is followed at once; one that is frozen, or on a machine that
    is gone, when its lease has run out.
    """
    with context.lock.open() as lock:
        held = _taken(context, lock, waiting)
        if held is None:  # never: nobody set a limit
            raise UnavailableError(context.lease)
        with _kept(context.leases, held, lock):
            yield replace(context, store=context.store.fenced(held))


@contextmanager
def unless_moving(context: AnyMovable) -> Iterator[AnyMovable | None]:
    """Hold the context's lease as `moving` does; None if somebody who lives holds it."""
    with context.lock.open() as lock:
        held = _taken(context, lock, None)
        if held is None:
            yield None
            return
        with _kept(context.leases, held, lock):
            yield replace(context, store=context.store.fenced(held))


def holder_of(seen: Seen) -> str:
    """Say who holds a lease, since when, and until when."""
    since, until = (
        dt.datetime.fromtimestamp(moment, dt.UTC)
        for moment in (seen.acquired_at, seen.expires_at)
    )
    return (
        f"{seen.holder}, since {since:%Y-%m-%d %H:%M:%S}Z, until {until:%H:%M:%S}Z"
        " unless it renews its lease"
    )


class _Watch:
    """Tells a dead holder from one whose database's clock jumped."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._mark: tuple[int, int] | None = None
        self._since = 0.0

    def is_dead(self, seen: Seen) -> bool:
        """Tell whether the lease ran out, and no heartbeat came while it was watched.

        A living holder renews three times in a lease, so half of one without a
        heartbeat proves what the clock says. A clock that was set back proves nothing:
        then a whole lease without one does.
        """
        mark, now = (seen.token, seen.renewals), time.monotonic()
        if mark != self._mark:
            self._mark, self._since = mark, now
        silent = now - self._since
        if 0 < seen.left <= self._seconds:
            return False
        return silent >= self._seconds * (0.5 if seen.left <= 0 else 1.5)


def _taken(
    context: Movable, lock: OpenLock, waiting: Callable[[Seen], None] | None
) -> Held | None:
    """Take the lease when it can be taken; None: it cannot, and `waiting` is None."""
    leases, watch, pause = context.leases, _Watch(context.leases.seconds), _PAUSE
    holder = f"{context.store.actor}, process {os.getpid()}"
    while True:
        locked = lock.held()
        seen = leases.seen(context.lease)
        if (
            seen is None
            or not seen.holder
            or (locked and seen.place == lock.place)
            or watch.is_dead(seen)
        ):
            place = lock.place if locked else ""
            held = leases.take(context.lease, seen, holder=holder, place=place)
            if held is not None:
                return held
            continue
        if waiting is None and seen.left > 0:
            return None
        if waiting is not None:
            waiting(seen)
        time.sleep(pause)
        pause = min(_LONGEST, 1.2 * pause)


@contextmanager
def renewed(leases: Leases, held: Held) -> Iterator[None]:
    """Renew a lease from a thread of its own."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(leases.seconds / 3):
            with suppress(UnavailableError):  # the next beat may reach the database
                if not leases.renew(held):
                    return

    threading.Thread(target=beat, name="lease", daemon=True).start()
    try:
        yield
    finally:
        done.set()


@contextmanager
def _kept(leases: Leases, held: Held, lock: OpenLock) -> Iterator[None]:
    """Renew the lease, and let go of it afterwards."""
    try:
        with renewed(leases, held):
            yield
    finally:
        with suppress(UnavailableError):  # it runs out by itself
            if leases.release(held) and lock.place:
                lock.remove()
