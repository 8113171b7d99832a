"""The contents of objects: immutable files that appear whole or not at all."""

import errno
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from slipway.sagemaker_local.faults import is_full
from slipway.sagemaker_local.s3.faults import Code, S3Error


class Blobs:
    """A folder of immutable files with names that say nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unfinished = folder / "unfinished"
        self._unfinished.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where a blob is."""
        return self._folder / name[:2] / name

    def writer(self) -> "BlobWriter":
        """Start a new blob; it exists once it is kept."""
        name = uuid.uuid4().hex
        return BlobWriter(name, self._unfinished / name, self.path(name))

    def link(self, name: str) -> str:
        """Return a second name of a blob, which lives on without the first."""
        copy = uuid.uuid4().hex
        target = self.path(copy)
        target.parent.mkdir(exist_ok=True)
        os.link(self.path(name), target)
        return copy

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs; those that are gone already are no error."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> None:
        """Remove what a crash left behind: every file that no catalogue row names."""
        for file in self._folder.glob("*/*"):
            if file.name not in known:
                file.unlink()


class BlobWriter:
    """A file being written, which vanishes unless it is kept."""

    def __init__(self, name: str, unfinished: Path, final: Path) -> None:
        self.name = name
        self._unfinished = unfinished
        self._final = final
        self._file: BinaryIO = unfinished.open("xb")

    def write(self, data: bytes) -> None:
        """Append bytes; a full disk is S3Error InsufficientStorage."""
        try:
            self._file.write(data)
        except OSError as error:
            raise _full(error) from error

    def keep(self) -> None:
        """Make the blob durable and give it its final name."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._final.parent.mkdir(exist_ok=True)
            self._unfinished.rename(self._final)
            _sync_folder(self._final.parent)
        except OSError as error:
            raise _full(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
        except OSError as full:
            raise _full(full) from full
        finally:
            self._unfinished.unlink(missing_ok=True)


def _full(error: OSError) -> Exception:
    if is_full(error) or error.errno == errno.EFBIG:
        return S3Error(Code.INSUFFICIENT_STORAGE, what="the object")
    return error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
