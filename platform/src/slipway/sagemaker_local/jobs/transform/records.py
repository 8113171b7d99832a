"""Records: what an object is split into, by lines or by its own lengths."""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from slipway.sagemaker_local.jobs.transform.faults import too_large, unreadable

_GZIP, _RECORD_IO, _TF_RECORD = "gzip", "RecordIO", "TFRecord"
#: Of a RecordIO header.
_MAGIC = 0xCED7230A
_MAGIC_BYTES = struct.pack("<I", _MAGIC)
_LENGTH_BITS = 29
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
#: A TFRecord's length and its checksum; after the data comes another checksum.
_TF_HEADER, _TF_FOOTER = struct.Struct("<QI"), 4


@dataclass(frozen=True)
class Unit:
    """One record."""

    #: What a request of this one record holds.
    content: bytes
    #: With what separates it from others, as a request of several records holds it.
    framed: bytes


#: Takes an open object and the largest record's size in bytes.
Splitter = Callable[[IO[bytes], int], Iterator[Unit]]


def opened(file: IO[bytes], compression: str) -> IO[bytes]:
    """Return what reads an object's content."""
    return cast("IO[bytes]", gzip.open(file)) if compression == "Gzip" else file


def units(file: IO[bytes], split: str, largest: int) -> Iterator[Unit]:
    """Yield the records of an object; what cannot be read is an ObjectFaultError."""
    with _readable():
        yield from SPLITTERS[split](file, largest)


def readable(file: IO[bytes], size: int) -> bytes:
    """Read so many bytes; what cannot be read is an ObjectFaultError."""
    with _readable():
        return file.read(size)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise unreadable(_GZIP, str(error)) from error


def _whole(file: IO[bytes], largest: int) -> Iterator[Unit]:
    content = file.read(largest + 1)
    if len(content) > largest:
        raise too_large()
    yield Unit(content, content)


def _lines(file: IO[bytes], largest: int) -> Iterator[Unit]:
    while line := file.readline(largest + 1):
        if len(line) > largest:
            raise too_large()
        yield Unit(line.removesuffix(b"\n"), line)


def _record_io(file: IO[bytes], largest: int) -> Iterator[Unit]:
    """Split as dmlc-core writes it: a record that holds the magic is in parts."""
    framed, parts = b"", list[bytes]()
    while header := file.read(8):
        if len(header) < 8 or header[:4] != _MAGIC_BYTES:
            raise unreadable(_RECORD_IO, "a header is damaged")
        described = int.from_bytes(header[4:], "little")
        flag, length = described >> _LENGTH_BITS, described % (1 << _LENGTH_BITS)
        if flag not in ((_MIDDLE, _LAST) if parts else (_WHOLE, _FIRST)):
            raise unreadable(_RECORD_IO, "the parts of a record are out of order")
        padded = -(-length // 4) * 4
        if len(framed) + 8 + padded > largest:
            raise too_large()
        data = _exactly(file, padded, _RECORD_IO)
        framed += header + data
        parts.append(data[:length])
        if flag in (_WHOLE, _LAST):
            yield Unit(_MAGIC_BYTES.join(parts), framed)
            framed, parts = b"", []
    if parts:
        raise unreadable(_RECORD_IO, "the last record is cut off")


def _tf_records(file: IO[bytes], largest: int) -> Iterator[Unit]:
    while header := file.read(_TF_HEADER.size):
        if len(header) < _TF_HEADER.size:
            raise unreadable(_TF_RECORD, "the last record is cut off")
        length, _ = _TF_HEADER.unpack(header)
        if len(header) + length + _TF_FOOTER > largest:
            raise too_large()
        data = _exactly(file, length + _TF_FOOTER, _TF_RECORD)
        yield Unit(data[:length], header + data)


def _exactly(file: IO[bytes], size: int, form: str) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise unreadable(form, "the last record is cut off")
    return data


SPLITTERS: Mapping[str, Splitter] = {
    "None": _whole,
    "Line": _lines,
    _RECORD_IO: _record_io,
    _TF_RECORD: _tf_records,
}
