"""A trained artifact as the controller reads it: nothing in it is executed."""

import hashlib
import tarfile
import tempfile
from dataclasses import dataclass
from typing import IO

import orjson

from slipway.digests import digest_of_bytes
from slipway.errors import IntegrityError
from slipway.s3.objects import Objects
from slipway.s3.uri import S3Uri

MANIFEST = "manifest.json"
_METRICS = "metrics.json"


@dataclass(frozen=True)
class Artifact:
    """What an archive says of itself."""

    #: Of its manifest, which holds every file's digest.
    digest: str
    #: sha256 of the archive as it is stored.
    archive_sha256: str
    metrics: dict[str, float]


def read_artifact(objects: Objects, archive: S3Uri) -> Artifact:
    """Return what the archive at `archive` says; raise IntegrityError if files differ."""
    with tempfile.TemporaryFile() as file:
        sha256 = objects.download(archive, file)
        file.seek(0)
        digests, kept = _members(file, archive)
    if MANIFEST not in kept:
        message = f"{archive} has no {MANIFEST}: it was not written by slipway train"
        raise IntegrityError(message)
    for name, entry in orjson.loads(kept[MANIFEST])["files"].items():
        if digests.get(name) != entry["sha256"]:
            message = f"{archive}: {name} is not the file that its manifest names"
            raise IntegrityError(message)
    measured = orjson.loads(kept.get(_METRICS, b"{}")).get("metrics", {})
    return Artifact(digest_of_bytes(kept[MANIFEST]), sha256, measured)


def _members(
    file: IO[bytes], archive: S3Uri
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the sha256 of every file in the archive, and the small ones' content."""
    digests: dict[str, str] = {}
    kept: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                name = member.name.removeprefix("./")
                if content is not None:
                    digests[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # a readable binary file
                if content is not None and name in {MANIFEST, _METRICS}:
                    content.seek(0)
                    kept[name] = content.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        message = f"{archive} is not a whole tar.gz archive: {error}"
        raise IntegrityError(message) from error
    return digests, kept
