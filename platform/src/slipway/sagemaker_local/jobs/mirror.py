"""A folder of a running job, kept equal to a prefix of S3."""

import time

from slipway.sagemaker_local.executors.contract import Collected, Executor
from slipway.sagemaker_local.jobs.downloads import address, mirrored
from slipway.sagemaker_local.jobs.plan import JobFaultError, Synced
from slipway.sagemaker_local.s3.body import Produced
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore

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
        self._known = dict.fromkeys(
            path for path, _ in mirrored(self._store, self._synced)
        )

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
        for path in self._known.keys() - seen:
            if self._synced.both_ways:
                place = target / path
                self._store.delete(place.bucket, place.key)
            del self._known[path]

    def finish(self) -> None:
        """Bring S3 up to the folder of a job that has ended, or fail the job."""
        try:
            self.sync()
        except S3Error as error:
            message = f"ClientError: Failed to upload to {self._synced.uri}: {error}"
            raise JobFaultError(message) from error


def _signature(file: Collected) -> Signature:
    return file.size, file.modified_at
