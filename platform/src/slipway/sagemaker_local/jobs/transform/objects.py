"""One object of a transform job: read, asked about, written."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import IO

from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.jobs.plan import JobFaultError
from slipway.sagemaker_local.jobs.transform.asking import Asking
from slipway.sagemaker_local.jobs.transform.association import Association
from slipway.sagemaker_local.jobs.transform.batches import (
    Batch,
    Sent,
    batched,
    in_order,
)
from slipway.sagemaker_local.jobs.transform.faults import (
    CancelledError,
    ObjectFaultError,
)
from slipway.sagemaker_local.jobs.transform.parameters import Parameters
from slipway.sagemaker_local.jobs.transform.records import (
    Unit,
    opened,
    readable,
    units,
)
from slipway.sagemaker_local.s3.body import PIECE, Produced
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore


@dataclass(frozen=True)
class Forms:
    """How objects are taken apart and put together."""

    split: str
    compression: str
    #: Each answer ends a line.
    by_line: bool
    association: Association


@dataclass(frozen=True)
class ObjectWork:
    """All that one object's transformation needs."""

    store: ObjectStore
    asking: Asking
    parameters: Parameters
    forms: Forms
    #: Runs the requests that are under way at once.
    pool: Executor

    def write(self, stored: StoredObject, target: S3Uri) -> None:
        """Store what the container makes of an object, if it makes all of it."""
        content = Produced(self._pieces(stored))
        try:
            self.store.put(target.bucket, target.key, content)
        except S3Error as error:
            message = f"ClientError: Failed to upload to {target}: {error}"
            raise JobFaultError(message) from error

    def _pieces(self, stored: StoredObject) -> Iterator[bytes]:
        for answer in self._answers(stored):
            last = b""
            for piece in answer:
                yield piece
                last = piece
            if self.forms.by_line and not last.endswith(b"\n"):
                yield b"\n"
        if self.asking.cancelled.is_set():
            raise CancelledError

    def _answers(self, stored: StoredObject) -> Iterator[Iterator[bytes]]:
        in_chunks = self.parameters.payload == 0
        if in_chunks and (self.forms.split == "None" or not self.parameters.single):
            yield _read(self.asking.stream(partial(self._chunks, stored)))
            return
        with self._opened(stored) as file:
            content = opened(file, self.forms.compression)
            found = units(content, self.forms.split, self.parameters.largest)
            batches = batched(
                map(self._sent, found),
                self.parameters.largest,
                single=self.parameters.single,
            )
            ahead = self.parameters.concurrent
            yield from in_order(self.pool, self._answer, batches, ahead)

    def _sent(self, unit: Unit) -> Sent:
        return self.forms.association.sent(unit)

    def _answer(self, batch: Batch) -> Iterator[bytes]:
        if self.parameters.payload == 0:
            answer = self.asking.stream(lambda: (batch.body,))
        else:
            answer = self.asking.ask(batch.body)
        if self.forms.association.is_nothing:
            return _read(answer)
        with answer:
            return iter([self.forms.association.stored(batch.records, answer.read())])

    def _chunks(self, stored: StoredObject) -> Iterator[bytes]:
        with self._opened(stored) as file:
            content = opened(file, self.forms.compression)
            while piece := readable(content, PIECE):
                yield piece

    def _opened(self, stored: StoredObject) -> IO[bytes]:
        try:
            return self.store.open(stored.bucket, stored.key)[1]
        except S3Error as error:
            message = f"ClientError: the object could not be read: {error}"
            raise ObjectFaultError(message) from error


def _read(answer: IO[bytes]) -> Iterator[bytes]:
    with answer:
        while piece := answer.read(PIECE):
            yield piece
