"""What the server acknowledged, and what may be so without an acknowledgement."""

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["training", "processing", "transform", "model", "config", "endpoint"]
JOBS: tuple[Kind, ...] = ("training", "processing", "transform")
Fate = Literal["present", "absent", "maybe"]
#: Of jobs that are over.
ENDED = ("Completed", "Failed", "Stopped")


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class Resource:
    """One resource of SageMaker."""

    kind: Kind
    name: str
    fate: Fate = "maybe"
    #: Of a job that was seen ended: it stays so.
    ended: str = ""
    #: A stop was asked for: the job may end Stopped.
    stopped: bool = False
    #: Of an endpoint: the configs that it may be on.
    configs: set[str] = field(default_factory=set)
    #: Of an endpoint: it was seen InService, and nothing has been asked since.
    serves: bool = False
    #: Tags that were acknowledged.
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Upload:
    """A multipart upload that goes on across kills."""

    key: str
    id: str
    bodies: list[bytes]
    #: By part number, of those that were acknowledged.
    etags: dict[int, str] = field(default_factory=dict)


class Ledger:
    """Everything that is to be checked; each entry has one worker that writes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The digests that an object may have; None where it may be absent.
        self.objects: dict[str, set[str | None]] = {}
        #: Objects to read again at the next check.
        self.touched: set[str] = set()
        self.resources: dict[tuple[Kind, str], Resource] = {}
        self.uploads: list[Upload] = []
        self.counts: Counter[str] = Counter()
        #: What must not have happened.
        self.violations: list[str] = []

    def put_begins(self, key: str, body: bytes | None) -> None:
        with self._lock:
            known = self.objects.setdefault(key, {None})
            known.add(None if body is None else digest(body))
            self.touched.add(key)

    def put_acknowledged(self, key: str, body: bytes | None) -> None:
        with self._lock:
            self.objects[key] = {None if body is None else digest(body)}
            self.counts["objects" if body is not None else "deletions"] += 1

    def resource(self, kind: Kind, name: str) -> Resource:
        with self._lock:
            return self.resources.setdefault((kind, name), Resource(kind, name))

    def of(self, *kinds: Kind) -> list[Resource]:
        with self._lock:
            return [each for each in self.resources.values() if each.kind in kinds]

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def violated(self, what: str) -> None:
        with self._lock:
            self.violations.append(what)
