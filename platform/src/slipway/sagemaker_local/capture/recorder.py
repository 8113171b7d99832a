"""The observer that keeps invocations in S3, in the background."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

import orjson

from slipway.sagemaker_local.capture.records import file_key, hour, line
from slipway.sagemaker_local.capture.settings import destination
from slipway.sagemaker_local.endpoints.observation import Invocation
from slipway.sagemaker_local.s3.body import Produced
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore

_LOG = logging.getLogger(__name__)
#: A file is written so many seconds after its first invocation, or at so many bytes.
FLUSH_AFTER, LARGEST_FILE = 2.0, 4 * 1024 * 1024
#: What may wait to be written, in bytes; what comes on top is not captured.
MOST_WAITING = 32 * 1024 * 1024
#: Bytes that an invocation takes beside what it carries, about.
_OVERHEAD = 1024
#: What all invocations of one file have in common: the config that wants them
#: captured, the region, the endpoint, the variant, the hour.
Shelf = tuple[bytes, str, str, str, int]


@dataclass
class _Batch:
    """Invocations that will be one file."""

    config: Mapping[str, Any]
    #: By the monotonic clock.
    due: float
    invocations: list[Invocation] = field(default_factory=list)
    #: In bytes, about.
    size: int = 0


class Recorder:
    """Takes invocations at once, and writes them when there are enough, or in time.

    A record that cannot be written is lost, and logged: capture fails no invocation.
    """

    def __init__(
        self, objects: ObjectStore, chance: Callable[[], float] = random.random
    ) -> None:
        self._objects = objects
        #: Returns a number from 0 up to 1, for sampling.
        self._chance = chance
        self._changed = Condition()
        #: Those that take more.
        self._open: dict[Shelf, _Batch] = {}
        self._full: list[_Batch] = []
        #: Bytes of all that is not yet written, about.
        self._waiting = 0
        #: Invocations that found no place since the last file was written.
        self._turned_away = 0
        self._closing = False
        self._thread: Thread | None = None

    def __call__(self, invocation: Invocation) -> None:
        """Capture an invocation where its config wants it and the model answered it."""
        config = invocation.capture
        if config is None or not config["EnableCapture"]:
            return
        answered = 200 <= invocation.status < 300
        if answered and self._chance() * 100 < config["InitialSamplingPercentage"]:
            self._take(invocation, config)

    def close(self) -> None:
        """Write all that waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _take(self, invocation: Invocation, config: Mapping[str, Any]) -> None:
        size = len(invocation.request) + len(invocation.answer) + _OVERHEAD
        shelf = _shelf(invocation, config)
        with self._changed:
            if self._closing or self._waiting + size > MOST_WAITING:
                self._turned_away += 1
                return
            if shelf not in self._open:
                self._open[shelf] = _Batch(config, time.monotonic() + FLUSH_AFTER)
                self._wake_up()
            batch = self._open[shelf]
            batch.invocations.append(invocation)
            batch.size += size
            self._waiting += size
            if batch.size >= LARGEST_FILE:
                self._full.append(self._open.pop(shelf))
                self._wake_up()

    def _wake_up(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="capture", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while batches := self._next():
            for batch in batches:
                self._write(batch)
                with self._changed:
                    self._waiting -= batch.size
                    turned_away, self._turned_away = self._turned_away, 0
                if turned_away:
                    _lost(batch, turned_away, "too much waits to be written")

    def _next(self) -> list[_Batch]:
        """Wait for batches that are to be written; none when all is over."""
        with self._changed:
            while not (due := self._due()) and not self._closing:
                first = min((each.due for each in self._open.values()), default=None)
                wait = None if first is None else max(0.0, first - time.monotonic())
                self._changed.wait(wait)
            return due

    def _due(self) -> list[_Batch]:
        now = time.monotonic()
        ripe = [
            shelf
            for shelf, batch in self._open.items()
            if self._closing or batch.due <= now
        ]
        due = [*self._full, *map(self._open.pop, ripe)]
        self._full.clear()
        return due

    def _write(self, batch: _Batch) -> None:
        prefix = destination(batch.config)
        key = file_key(prefix, batch.invocations[0])
        lines = Produced(line(each, batch.config) for each in batch.invocations)
        try:
            self._objects.put(key.bucket, key.key, lines)
        except (S3Error, OSError, sqlite3.Error) as error:
            _lost(batch, len(batch.invocations), f"{prefix}: {error}")


def _shelf(invocation: Invocation, config: Mapping[str, Any]) -> Shelf:
    return (
        orjson.dumps(config),
        invocation.region,
        invocation.endpoint,
        invocation.variant,
        hour(invocation),
    )


def _lost(batch: _Batch, records: int, reason: str) -> None:
    endpoint = batch.invocations[0].endpoint
    _LOG.warning(
        "capture_lost endpoint=%s records=%d reason=%s", endpoint, records, reason
    )
