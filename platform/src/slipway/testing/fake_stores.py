"""S3, and the images of a machine, in dicts."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson

from slipway.s3.faults import Fault
from slipway.s3.objects import S3Error, StoredObject
from slipway.s3.uri import S3Uri

_LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Shelf:
    """The methods of `s3.objects.Objects` that deployments and collections use."""

    def __init__(self) -> None:
        #: By address.
        self.held: dict[str, bytes] = {}
        #: What the next read of an object of a name meets instead.
        self.refusals: dict[str, S3Error] = {}

    def write(self, uri: S3Uri, content: bytes) -> None:
        """Keep an object."""
        self.held[str(uri)] = content

    def write_once(self, uri: S3Uri, value: object) -> bool:
        """Keep a JSON value unless something is there; tell if it was not."""
        if str(uri) in self.held:
            return False
        self.held[str(uri)] = orjson.dumps(value)
        return True

    def read(self, uri: S3Uri) -> bytes:
        """Return an object."""
        if uri.name in self.refusals:
            raise self.refusals.pop(uri.name)
        if str(uri) not in self.held:
            message = f"S3 refused GetObject of {uri}: NoSuchKey"
            raise S3Error(message, fault=Fault.MISSING)
        return self.held[str(uri)]

    def read_json(self, uri: S3Uri) -> Any:
        """Return the JSON value of an object."""
        return orjson.loads(self.read(uri))

    def download(self, uri: S3Uri, file: IO[bytes]) -> str:
        """Write an object to a file; return its sha256 in hex."""
        content = self.read(uri)
        file.write(content)
        return hashlib.sha256(content).hexdigest()

    def copy(self, source: S3Uri, target: S3Uri) -> None:
        """Copy an object."""
        self.held[str(target)] = self.read(source)

    def exists(self, uri: S3Uri) -> bool:
        """Tell whether there is such an object."""
        return str(uri) in self.held

    def list(self, prefix: S3Uri) -> Iterator[StoredObject]:
        """Yield each object below a prefix."""
        for key in sorted(self.held):
            if key.startswith(str(prefix)):
                yield StoredObject(S3Uri.parse(key), len(self.held[key]), "")

    def delete_below(self, prefix: S3Uri) -> int:
        """Delete every object below a prefix; return how many bytes they had."""
        found = [*self.list(prefix)]
        for one in found:
            del self.held[str(one.uri)]
        return sum(one.bytes for one in found)


@dataclass(frozen=True)
class Picture:
    """An image of a machine."""

    uri: str
    bytes: int = 10
    built_at: dt.datetime = _LONG_AGO


class Pictures:
    """The images of a machine that is not there."""

    def __init__(self) -> None:
        self.held: list[Picture] = []
        #: Those that run.
        self.busy: set[str] = set()

    def images(self, model: str) -> list[Picture]:
        """Return all of them, whatever the model."""
        del model
        return list(self.held)

    def remove(self, uri: str) -> bool:
        """Remove an image; tell if it is gone: one that runs stays."""
        if uri in self.busy:
            return False
        self.held = [image for image in self.held if image.uri != uri]
        return True
