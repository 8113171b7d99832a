"""Model archives, written reproducibly."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from slipway.sagemaker_local.executors.contract import Collected, Entry

PIECE = 256 * 1024
_BLOCK = 512
_MODES, _SHARED_MODES = (0o644, 0o755), (0o666, 0o777)
_READ_ONLY = 0o555
#: gzip's level 6 costs three times the time of 4 for 2 % of the size.
_LEVEL = 4


class _Joined(io.RawIOBase):
    """Pieces of bytes as a stream to read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview") -> int:  # type: ignore[override]  # wider
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def joined(pieces: Iterable[bytes]) -> BinaryIO:
    """Return pieces of bytes as a file."""
    return io.BufferedReader(_Joined(pieces), PIECE)


def tar(entries: Iterable[Entry], *, shared: bool = False) -> Iterator[bytes]:
    """Yield a tar archive of entries; no time, owner or mode of theirs is in it.

    A shared one lets every user of a container write.
    """
    file_mode, folder_mode = _SHARED_MODES if shared else _MODES
    for entry in entries:
        info = tarfile.TarInfo(entry.path.removeprefix("/"))
        mode = file_mode if entry.content is not None else folder_mode
        info.mode = mode & _READ_ONLY if entry.read_only else mode
        info.type = tarfile.REGTYPE if entry.content is not None else tarfile.DIRTYPE
        info.size = entry.size
        yield info.tobuf(tarfile.PAX_FORMAT)
        yield from entry.content or ()
        yield bytes(-entry.size % _BLOCK)
    yield bytes(2 * _BLOCK)


def tar_gz(files: Iterable[Collected]) -> Iterator[bytes]:
    """Yield a compressed archive of files; the same files make the same bytes."""
    buffer = io.BytesIO()
    entries = (Entry(file.path, file.content, file.size) for file in files)
    with gzip.GzipFile(
        fileobj=buffer, mode="wb", compresslevel=_LEVEL, mtime=0, filename=""
    ) as packer:
        for piece in tar(entries):
            packer.write(piece)
            if buffer.tell() >= PIECE:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()
