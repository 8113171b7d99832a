"""A lock on this machine that ends with its holder's process."""

import fcntl
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
        with self._path.open("a+b") as file:
            yield OpenLock(file)


class OpenLock:
    """A lock file, opened by one worker."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        #: What names the file on every machine; empty while it is not locked.
        self.place = ""

    def held(self) -> bool:
        """Lock the file if nobody else has; tell whether it is locked."""
        if self.place:
            return True
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._file.seek(0)
        self.place = self._file.read().decode()
        if not self.place:
            self.place = secrets.token_hex(16)
            self._file.write(self.place.encode())
            self._file.flush()
        return True
