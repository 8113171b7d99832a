"""Folders of a running job, kept equal to prefixes of S3."""

import contextlib
import logging
import math
import tarfile
import time
from collections.abc import Sequence

from slipway.sagemaker_local.executors.contract import Collected, Executor, Phase
from slipway.sagemaker_local.jobs.downloads import address, mirrored
from slipway.sagemaker_local.jobs.plan import JobFaultError, Synced
from slipway.sagemaker_local.s3.body import Produced
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore

_LOG = logging.getLogger(__name__)
#: Between two looks at what a running job wrote: seconds at the least, and so many
#: times what the last look took.
_PAUSE, _SHARE = 1.0, 10.0
#: An executor may tell times by the second: a file this young can have changed since.
_UNSURE = 2.0
Signature = tuple[int, float]


class Mirror:
    """Uploads what changes in one folder, and deletes what was deleted."""

    def __init__(
        self, store: ObjectStore, executor: Executor, handle: str, synced: Synced
    ) -> None:
        self._store = store
        self._executor = executor
        self._handle = handle
        self._synced = synced
        #: By path: what was last uploaded; None where that is not sure.
        self._known: dict[str, Signature | None] = {}

    def note(self) -> None:
        """Take what is in the folder for what is in S3: it came from there."""
        for file in self._executor.collect(self._handle, self._synced.folder):
            self._known[file.path] = _signature(file)

    def resume(self) -> None:
        """Take what is in S3 for what an earlier server uploaded."""
        # A bucket that is gone meanwhile fails the job at its end.
        with contextlib.suppress(S3Error):
            for path, _ in mirrored(self._store, self._synced):
                self._known[path] = None

    def sync(self) -> None:
        """Bring S3 up to the folder; a folder that changes meanwhile is an OSError."""
        target = address(self._synced.uri)
        seen = set()
        for file in self._executor.collect(self._handle, self._synced.folder):
            seen.add(file.path)
            if self._known.get(file.path) == _signature(file):
                continue
            sure = file.modified_at < time.time() - _UNSURE
            place = target / file.path
            self._store.put(place.bucket, place.key, Produced(file.content))
            self._known[file.path] = _signature(file) if sure else None
        gone = self._known.keys() - seen
        if gone and self._executor.condition(self._handle).phase is Phase.LOST:
            # Whoever removed the container deleted no checkpoint.
            return
        for path in gone:
            if self._synced.both_ways:
                place = target / path
                self._store.delete(place.bucket, place.key)
            del self._known[path]

    def finish(self) -> None:
        """Do as `sync` for a job that has ended; what cannot be fails the job."""
        try:
            self.sync()
        except S3Error as error:
            message = f"ClientError: Failed to upload to {self._synced.uri}: {error}"
            raise JobFaultError(message) from error


class Mirrors:
    """Every such folder of one job."""

    def __init__(
        self,
        store: ObjectStore,
        *,
        executor: Executor,
        handle: str,
        folders: Sequence[Synced],
    ) -> None:
        self._mirrors = [Mirror(store, executor, handle, each) for each in folders]
        #: Seconds to leave a running job alone; without folders, for ever.
        self.pause = _PAUSE if folders else math.inf

    def note(self) -> None:
        """Take what is laid out for what is in S3."""
        for mirror in self._mirrors:
            mirror.note()

    def resume(self) -> None:
        """Take what is in S3 for what an earlier server uploaded."""
        for mirror in self._mirrors:
            mirror.resume()

    def sync(self) -> None:
        """Upload what a running job wrote; what cannot be read now waits."""
        began = time.monotonic()
        for mirror in self._mirrors:
            try:
                mirror.sync()
            except (S3Error, OSError, tarfile.TarError) as error:
                _LOG.warning("sync_put_off: %s", error)
        self.pause = max(_PAUSE, _SHARE * (time.monotonic() - began))

    def finish(self) -> None:
        """Upload the rest of a job that has ended."""
        for mirror in self._mirrors:
            mirror.finish()


def _signature(file: Collected) -> Signature:
    return file.size, file.modified_at
