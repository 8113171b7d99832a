"""The checksums that S3 verifies and returns."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

from slipway.sagemaker_local.s3.faults import Code, S3Error


class Checksum(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the value so far."""


class Crc32:
    """zlib's CRC-32 with hashlib's methods."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Return the value so far, big-endian."""
        return self._value.to_bytes(4, "big")


def _sha1() -> Checksum:
    return hashlib.sha1(usedforsecurity=False)


#: Every algorithm of this server, by the name in `x-amz-checksum-<name>`. The standard
#: library has no CRC-32C nor CRC-64/NVME; Python code would take minutes per GB.
ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {
    "crc32": Crc32,
    "sha1": _sha1,
    "sha256": hashlib.sha256,
}
HEADER = "x-amz-checksum-"


def new_checksum(algorithm: str) -> Checksum:
    """Start a checksum; an algorithm that is not here is S3Error NotImplemented."""
    factory = ALGORITHMS.get(algorithm.lower())
    if factory is None:
        raise S3Error(
            Code.NOT_IMPLEMENTED,
            what=f"the checksum algorithm '{algorithm}'",
            hint=f"Supported: {', '.join(ALGORITHMS)}",
        )
    return factory()


def encoded(checksum: Checksum) -> str:
    """Return a checksum as S3 writes it, in base64."""
    return base64.b64encode(checksum.digest()).decode()


def composite(algorithm: str, parts: list[str]) -> str:
    """Return the checksum of a multipart object: that of its parts' checksums."""
    whole = new_checksum(algorithm)
    for part in parts:
        whole.update(base64.b64decode(part))
    return f"{encoded(whole)}-{len(parts)}"
