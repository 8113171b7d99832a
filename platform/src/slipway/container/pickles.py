"""Pickles, by whatever name: files that run code when they are read."""

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO

from slipway.errors import ModelContractError

_SUFFIXES = frozenset({".pkl", ".pickle", ".joblib", ".p", ".dill", ".cloudpickle"})
_PROTOCOLS = frozenset({b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"})
_NUMPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
#: Bytes that tell what a file is: a .npy header is shorter.
_HEAD = 512


def refuse_pickles(folder: Path) -> None:
    """Raise ModelContractError for a file that is a pickle, or holds one."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise _refused(
                path.relative_to(folder), "only files and folders are allowed"
            )
        if path.is_file() and (reason := _reason(path)):
            raise _refused(path.relative_to(folder), reason)


def _reason(path: Path) -> str | None:
    if path.suffix.lower() in _SUFFIXES:
        return "it is named like a pickle"
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_ZIP):
        return _reason_in_archive(path)
    return _reason_in(head) or _reason_in(_unpacked(head))


def _reason_in(head: bytes) -> str | None:
    if head[:2] in _PROTOCOLS:
        return "it is a pickle"
    if head.startswith(_NUMPY) and b"|O" in head:
        return "it is a NumPy array of objects, which is a pickle inside"
    return None


def _reason_in_archive(path: Path) -> str | None:
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if Path(name).suffix.lower() in _SUFFIXES:
                return f"it holds {name!r}, named like a pickle"
            with archive.open(name) as member:
                if reason := _reason_in(_start(member)):
                    return f"its part {name!r}: {reason}"
    return None


def _start(member: IO[bytes]) -> bytes:
    return member.read(_HEAD)


def _unpacked(head: bytes) -> bytes:
    """Return the start of what is packed by gzip or zlib, as joblib does; else nothing."""
    bits = zlib.MAX_WBITS | 32  # reads a gzip and a zlib header
    try:
        return zlib.decompressobj(bits).decompress(head, _HEAD)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _refused(name: Path, reason: str) -> ModelContractError:
    return ModelContractError(
        f"save() left {str(name)!r}, and an artifact may hold no pickle: {reason}."
        " Use slipway.container.save_estimator, or the library's own format"
    )
