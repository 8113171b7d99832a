"""Model archives, read with suspicion: files and folders only, and within bounds."""

import contextlib
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Self, cast

from slipway.errors import SlipwayError
from slipway.sagemaker_local.archives import PIECE
from slipway.sagemaker_local.executors.contract import Entry

GIB = 1024**3
#: Types of headers that tarfile reads into memory whole, and what one may take.
_IN_MEMORY = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_LARGEST_HEADER = 1024 * 1024


class UnsafeArchiveError(SlipwayError, ValueError):
    """An archive is no tar.gz, or holds more than files and folders below one root."""


@dataclass(frozen=True)
class Bounds:
    """What an archive may unpack to."""

    #: Files and folders.
    members: int = 50_000
    #: In bytes.
    size: int = 64 * GIB
    #: Of the unpacked size to the packed one, from `small` bytes on.
    ratio: int = 200
    small: int = GIB


BOUNDS = Bounds()


class _Header(tarfile.TarInfo):
    """A member's header, refused where it would fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _IN_MEMORY and header.size > _LARGEST_HEADER:
            message = f"it has a header of {header.size} bytes"
            raise UnsafeArchiveError(message)
        return header


class _Counted:
    """A stream that knows how much was read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


class _Census:
    """What has been unpacked so far, held against the bounds."""

    def __init__(self, packed: _Counted, bounds: Bounds) -> None:
        self._packed, self._bounds = packed, bounds
        self._folders: set[str] = set()
        self._files: set[str] = set()
        self._announced = self._size = 0
        self._members = 0

    def admit(self, path: str, member: tarfile.TarInfo) -> None:
        """Count a member in; one too many, too large or twice there is refused."""
        self._members += 1
        if self._members > self._bounds.members:
            _refuse(f"it has more than {self._bounds.members} members")
        parts = path.split("/")
        above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        if path in self._files or (member.isreg() and path in self._folders):
            _refuse(f"{path!r} is in it twice")
        if above & self._files:
            _refuse(f"{path!r} is below a file")
        self._folders |= above if member.isreg() else {*above, path}
        if member.isreg():
            self._files.add(path)
            self._announced += member.size
        if self._announced > self._bounds.size:
            _refuse(f"it unpacks to more than {self._bounds.size} bytes")

    def grow(self, size: int) -> None:
        """Count bytes of a file; too many for what they were packed in are refused."""
        self._size += size
        if self._size > self._bounds.small + self._packed.count * self._bounds.ratio:
            _refuse(f"it unpacks to more than {self._bounds.ratio} times its own size")


def unpacked(
    archive: BinaryIO, folder: str, bounds: Bounds = BOUNDS
) -> Iterator[Entry]:
    """Yield the files of a model archive below a folder; links are refused."""
    packed = _Counted(archive)
    census = _Census(packed, bounds)
    with _translated():
        opened = tarfile.open(  # noqa: SIM115  # closed below
            fileobj=cast("BinaryIO", packed), mode="r|gz", tarinfo=_Header
        )
    with opened as members:
        while (member := _next(members)) is not None:
            path = _plain(member)
            if path:
                census.admit(path, member)
                content = members.extractfile(member) if member.isreg() else None
                pieces = content and _pieces(content, census)
                yield Entry(f"{folder.rstrip('/')}/{path}", pieces, member.size)


def _next(members: tarfile.TarFile) -> tarfile.TarInfo | None:
    # What was passed is not kept: there may be many.
    members.members.clear()  # type: ignore[attr-defined]  # not in the stubs
    with _translated():
        return members.next()


def _plain(member: tarfile.TarInfo) -> str:
    """Return the path of a member; one that leads elsewhere, or a link, is refused."""
    parts = [part for part in member.name.split("/") if part not in ("", ".")]
    if member.name.startswith("/") or ".." in parts or "\0" in member.name:
        _refuse(f"{member.name!r} leads out of the archive's folder")
    if not (member.isreg() or member.isdir()) or member.issparse():
        _refuse(f"{member.name!r} is neither a regular file nor a folder")
    if not parts and member.isreg():
        _refuse(f"{member.name!r} names no file")
    return "/".join(parts)


def _pieces(content: IO[bytes], census: _Census) -> Iterator[bytes]:
    while True:
        with _translated():
            piece = content.read(PIECE)
        if not piece:
            return
        census.grow(len(piece))
        yield piece


def _refuse(reason: str) -> None:
    raise UnsafeArchiveError(reason)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except UnsafeArchiveError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        message = f"it is not a tar.gz archive: {error}"
        raise UnsafeArchiveError(message) from error
