"""Resources that were created and are not seen yet."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, cast

from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record, RecordMissingError, Store


@dataclass(frozen=True)
class Hidden:
    """For how long a resource is not seen."""

    #: How many requests still miss it; None counts none.
    calls: int | None
    #: A moment of the monotonic clock.
    until: float | None

    @property
    def over(self) -> bool:
        """Say whether the resource is seen again."""
        spent = self.calls is not None and self.calls <= 0
        return spent or (self.until is not None and time.monotonic() >= self.until)


class Veil:
    """Hides resources from requests, and from nothing else."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hidden: dict[str, Hidden] = {}

    def hide(self, arn: str, *, calls: int | None, seconds: float | None) -> None:
        """Hide a resource from so many requests, or for so long."""
        until = None if seconds is None else time.monotonic() + seconds
        with self._lock:
            self._hidden[arn] = Hidden(calls, until)

    def lift(self) -> None:
        """Hide nothing."""
        with self._lock:
            self._hidden.clear()

    @contextlib.contextmanager
    def over(self, stack: Stack) -> Iterator[Stack]:
        """Lend the parts as one request sees them; what it missed counts as once."""
        with self._lock:
            hidden = frozenset(
                arn for arn, each in self._hidden.items() if not each.over
            )
        if not hidden:
            yield stack
            return
        store = _VeiledStore(stack.store, hidden)
        try:
            # All that operations know of the store is its methods.
            yield replace(stack, store=cast("Store", store))
        finally:
            self._count(store.missed)

    def _count(self, missed: set[str]) -> None:
        with self._lock:
            for arn in missed & self._hidden.keys():
                hidden = self._hidden[arn]
                if hidden.calls is not None:
                    self._hidden[arn] = replace(hidden, calls=hidden.calls - 1)


class _VeiledStore:
    """A store in which some resources are not found, and are there for a create."""

    def __init__(self, store: Store, hidden: frozenset[str]) -> None:
        self._store = store
        self._hidden = hidden
        #: What was asked for in vain.
        self.missed: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get(self, arn: str) -> Record | None:
        return None if self._misses(arn) else self._store.get(arn)

    def change(self, arn: str, change: Any) -> Record:
        self._check(arn)
        return self._store.change(arn, change)

    def change_tags(self, arn: str, change: Any) -> dict[str, str]:
        self._check(arn)
        return self._store.change_tags(arn, change)

    def delete(self, arn: str, check: Any = lambda _: None) -> None:
        self._check(arn)
        self._store.delete(arn, check)

    def _check(self, arn: str) -> None:
        if self._misses(arn):
            message = f"{arn} is not seen yet"
            raise RecordMissingError(message)

    def _misses(self, arn: str) -> bool:
        if arn in self._hidden:
            self.missed.add(arn)
        return arn in self._hidden
