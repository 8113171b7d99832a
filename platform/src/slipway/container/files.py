"""Files that appear whole or not at all, and the digests that manifests name them by."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from slipway.errors import IntegrityError, InvalidRequestError

_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileRecord:
    """What a manifest says about one file."""

    #: The SHA-256 of its bytes, in hexadecimal.
    sha256: str
    #: Its length.
    bytes: int
    #: The rows it holds, for a Parquet file.
    rows: int | None = None

    def document(self) -> dict[str, Any]:
        """Return the record as JSON holds it; `rows` only where there are any."""
        record: dict[str, Any] = {"sha256": self.sha256, "bytes": self.bytes}
        return record if self.rows is None else record | {"rows": self.rows}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "FileRecord":
        """Return the record that a manifest holds as JSON."""
        return cls(document["sha256"], document["bytes"], document.get("rows"))


class HashingFile(io.RawIOBase):
    """A file being written, whose digest is computed on the way: it is not read again."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._length = 0

    def writable(self) -> bool:
        """Say that this file can be written."""
        return True

    def write(self, data: Any) -> int:
        """Write all of `data`, a buffer, and return its length."""
        self._digest.update(data)
        self._file.write(data)
        length = memoryview(data).nbytes
        self._length += length
        return length

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._length

    def flush(self) -> None:
        """Hand what was written to the operating system."""
        self._file.flush()

    def record(self, rows: int | None = None) -> FileRecord:
        """Return the record of what was written so far."""
        return FileRecord(self._digest.hexdigest(), self._length, rows)


@contextmanager
def new_file(path: Path) -> Iterator[HashingFile]:
    """Yield a file that gets its name `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            yield HashingFile(file)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes) -> FileRecord:
    """Write `content` to `path` whole, and return its record."""
    with new_file(path) as file:
        file.write(content)
    return file.record()


def write_json(path: Path, document: object) -> FileRecord:
    """Write `document` as JSON; the same document gives the same bytes."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return write_bytes(path, f"{text}\n".encode())


def read_json(path: Path, *, what: str) -> dict[str, Any]:
    """Return the JSON object in `path`; `what` names it in the error."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        message = f"{what} is missing: there is no {path}"
        raise InvalidRequestError(message) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{what} is not JSON: {path}: {error}"
        raise InvalidRequestError(message) from error
    if not isinstance(document, dict):
        message = f"{what} must be a JSON object, not {document!r:.80}: {path}"
        raise InvalidRequestError(message)
    return document


def record_of(path: Path) -> FileRecord:
    """Read the file at `path` once, and return its record."""
    digest = hashlib.sha256()
    length = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            length += len(chunk)
    return FileRecord(digest.hexdigest(), length)


def verify_file(folder: Path, name: str, expected: FileRecord) -> None:
    """Raise IntegrityError unless the file `name` in `folder` is the recorded one."""
    path = folder / name
    if path.is_symlink() or not path.is_file():
        message = f"{name!r} is in the manifest, and {folder} has no such file"
        raise IntegrityError(message)
    found = record_of(path)
    if (found.sha256, found.bytes) != (expected.sha256, expected.bytes):
        message = (
            f"{path} is not the file of the manifest: it has {found.bytes} bytes and"
            f" sha256 {found.sha256}; expected {expected.bytes} and {expected.sha256}"
        )
        raise IntegrityError(message)


def write_text_if_possible(path: Path, text: str) -> None:
    """Write `text` to `path`; leave it out where the file system is read-only."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
