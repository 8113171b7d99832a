"""A lock on this machine that ends with its holder's process."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class LocalLock:
    """A file that the system unlocks when its holder's process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self) -> Iterator["OpenLock"]:
        """Open the file; close it, and with that unlock it, afterwards."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = OpenLock(self._path)
        try:
            yield lock
        finally:
            lock.close()


class OpenLock:
    """A lock file, opened by one worker."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] = path.open("a+b")
        #: What names the file on every machine; empty while it is not locked.
        self.place = ""

    def held(self) -> bool:
        """Lock the file if nobody else has; tell whether it is locked."""
        while not self.place:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self._is_there():
                self._read()
            else:  # its last holder removed it: the lock of another file is asked for
                self._file.close()
                self._file = self._path.open("a+b")
        return True

    def remove(self) -> None:
        """Remove the locked file: nothing is held any more that names it."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Unlock the file."""
        self._file.close()

    def _is_there(self) -> bool:
        """Tell whether others would open the same file."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def _read(self) -> None:
        self._file.seek(0)
        self.place = self._file.read().decode()
        if not self.place:
            self.place = secrets.token_hex(16)
            self._file.write(self.place.encode())
            self._file.flush()
