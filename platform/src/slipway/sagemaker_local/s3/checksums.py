"""The checksums that S3 verifies and returns."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from slipway.sagemaker_local.s3.faults import Code, S3Error

#: Of an object of several parts: a checksum of all its bytes, or of its parts' checksums.
Kind = Literal["FULL_OBJECT", "COMPOSITE"]


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


class Crc:
    """A CRC of the catalogue of CRCs, with hashlib's methods."""

    def __init__(self, model: str, size: int) -> None:
        # Only here: a server whose clients send CRC-32 starts without it.
        import anycrc

        self._crc, self._size = anycrc.Model(model), size
        self._value: int = self._crc.calc(b"")

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._value = self._crc.calc(data, self._value)

    def digest(self) -> bytes:
        """Return the value so far, big-endian."""
        return self._value.to_bytes(self._size, "big")


@dataclass(frozen=True)
class Algorithm:
    """One way to sum bytes up."""

    new: Callable[[], Checksum]
    #: What it may be of, for an object of several parts; the first where none is asked.
    kinds: tuple[Kind, ...]


_CRC_KINDS: tuple[Kind, ...] = ("COMPOSITE", "FULL_OBJECT")
_DIGEST_KINDS: tuple[Kind, ...] = ("COMPOSITE",)
#: By the name in `x-amz-checksum-<name>`. Kinds:
#: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
ALGORITHMS: Mapping[str, Algorithm] = {
    "crc32": Algorithm(Crc32, _CRC_KINDS),
    "crc32c": Algorithm(lambda: Crc("CRC32-ISCSI", 4), _CRC_KINDS),
    "crc64nvme": Algorithm(lambda: Crc("CRC64-NVME", 8), ("FULL_OBJECT",)),
    "sha1": Algorithm(lambda: hashlib.sha1(usedforsecurity=False), _DIGEST_KINDS),
    "sha256": Algorithm(hashlib.sha256, _DIGEST_KINDS),
}
#: What an object gets that comes without a checksum.
DEFAULT = "crc64nvme"
HEADER = "x-amz-checksum-"
#: What a checksum is said not to match.
COMPUTED = "the calculated checksum"


def algorithm_named(name: str) -> Algorithm:
    """Return an algorithm; one that is not here is S3Error NotImplemented."""
    found = ALGORITHMS.get(name.lower())
    if found is None:
        raise S3Error(
            Code.NOT_IMPLEMENTED,
            what=f"the checksum algorithm '{name}'",
            hint=f"Supported: {', '.join(ALGORITHMS)}",
        )
    return found


def new_checksum(algorithm: str) -> Checksum:
    """Start a checksum; an algorithm that is not here is S3Error NotImplemented."""
    return algorithm_named(algorithm).new()


def encoded(checksum: Checksum) -> str:
    """Return a checksum as S3 writes it, in base64."""
    return base64.b64encode(checksum.digest()).decode()


def composite(algorithm: str, parts: list[str]) -> str:
    """Return the checksum of a multipart object: that of its parts' checksums."""
    whole = new_checksum(algorithm)
    for part in parts:
        whole.update(base64.b64decode(part))
    return f"{encoded(whole)}-{len(parts)}"
