"""What the server asks of whatever runs containers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from slipway.errors import SlipwayError

#: Where SageMaker's contract puts everything.
ROOT = "/opt/ml/"
_HANDLE = re.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}")


class ImageMissingError(SlipwayError, LookupError):
    """The executor has no image of this URI."""


class ImageReplacedError(SlipwayError):
    """Under the URI is another image by now than it was resolved to."""


class UnsafePathError(SlipwayError, ValueError):
    """A path leads out of the folder that it belongs to."""


@dataclass(frozen=True)
class Workload:
    """What to run."""

    image: str
    #: Replaces the image's own; None keeps it.
    entrypoint: tuple[str, ...] | None
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    #: Where each line of output goes, with its time in front.
    log: Path
    #: Bounds memory and processors where the executor can.
    instance_type: str
    #: Serves HTTP, and reads /opt/ml/model only.
    serves: bool = False
    #: Has no network and no credentials.
    isolated: bool = False
    #: What it takes itself for, where the executor gives names; None for the usual one.
    hostname: str | None = None
    #: What the image was resolved to; empty: it is what it is now.
    image_digest: str = ""


@dataclass(frozen=True)
class Entry:
    """A file or folder to lay out before a workload starts."""

    #: Absolute, below /opt/ml.
    path: str
    #: The bytes of a file, read once; None for a folder.
    content: Iterable[bytes] | None = None
    size: int = 0
    #: The workload may not change it; of a folder, nor what is in it.
    read_only: bool = False


@dataclass(frozen=True)
class Collected:
    """A file that a workload left."""

    #: Relative to the folder that was asked for.
    path: str
    size: int
    #: To be read before the next file is asked for.
    content: Iterator[bytes] = field(repr=False)
    #: Seconds since the epoch, as finely as the executor knows it.
    modified_at: float = 0.0


class Phase(StrEnum):
    """Where a workload is in its life."""

    #: Laid out, not started.
    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    #: There is nothing of this handle, or nothing that can tell how it ended.
    LOST = "lost"


@dataclass(frozen=True)
class Condition:
    """How a workload is."""

    phase: Phase
    #: Of an exited one; 128 + n for signal n.
    exit_code: int = 0
    #: The kernel killed it for want of memory.
    out_of_memory: bool = False
    #: Why it could not be run at all, where that is so.
    error: str = ""

    @property
    def over(self) -> bool:
        """Nothing runs, and nothing will."""
        return self.phase in (Phase.EXITED, Phase.LOST)


class Executor(Protocol):
    """Runs workloads by handles that the caller chooses and that survive a restart."""

    name: str

    def digest(self, uri: str) -> str | None:
        """Return the digest of an image's content; None where it is not here."""

    def create(self, handle: str, workload: Workload, entries: Iterable[Entry]) -> None:
        """Lay a workload out; an unknown image is an ImageMissingError."""

    def start(self, handle: str) -> None:
        """Start a workload that was created; one that was started stays as it is."""

    def attach(self, handle: str) -> None:
        """Take up a workload that an earlier server started."""

    def condition(self, handle: str) -> Condition:
        """Return how a workload is."""

    def wait(self, handle: str, timeout: float | None = None) -> Condition:
        """Return once a workload is over, or when the time is up."""

    def stop(self, handle: str, grace: float) -> None:
        """Send SIGTERM, wait for so many seconds, and send SIGKILL."""

    def address(self, handle: str) -> tuple[str, int] | None:
        """Return where a serving workload listens."""

    def collect(self, handle: str, folder: str) -> Iterator[Collected]:
        """Yield every regular file below a folder of /opt/ml, by path."""

    def remove(self, handle: str) -> None:
        """Remove all that is left of a workload, running or not."""

    def handles(self) -> set[str]:
        """Return every handle of this server's state folder."""


def check_handle(handle: str) -> str:
    """Return a handle that is safe as a file name and as a container's name."""
    if not _HANDLE.fullmatch(handle):
        message = f"{handle!r} cannot name a workload"
        raise UnsafePathError(message)
    return handle


def below_root(path: str) -> str:
    """Return a path relative to /opt/ml; one that leads out is refused."""
    relative = path.removeprefix(ROOT)
    parts = relative.rstrip("/").split("/")
    if not path.startswith(ROOT) or {"", ".", ".."} & set(parts) or "\0" in path:
        message = f"{path!r} is not a plain path below {ROOT}"
        raise UnsafePathError(message)
    return "/".join(parts)
