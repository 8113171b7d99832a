"""The body of an upload: decoded, bounded in memory, and verified."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from slipway.sagemaker_local.s3.checksums import (
    COMPUTED,
    HEADER,
    encoded,
    new_checksum,
)
from slipway.sagemaker_local.s3.faults import Code, S3Error

PIECE = 256 * 1024
_LONGEST_LINE = 16 * 1024
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})(?:;[^\r\n]*)?\r\n")
_HEX_DIGEST = re.compile("[0-9a-f]{64}")
_NOT_AN_ALGORITHM = ("type", "mode", "algorithm")


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; nothing at the end."""

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, at most so many bytes."""


class Content(Protocol):
    """Bytes on their way into the store; all but `pieces` are known after them."""

    size: int

    @property
    def etag(self) -> str:
        """The MD5 of the bytes."""

    @property
    def checksums(self) -> dict[str, str]:
        """Base64 by algorithm, for those that were asked for."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, once."""


class Produced:
    """Bytes that the server itself makes."""

    def __init__(self, pieces: Iterable[bytes], algorithm: str | None = None) -> None:
        self._pieces = pieces
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._checksums = {algorithm: new_checksum(algorithm)} if algorithm else {}
        self.size = 0

    @property
    def etag(self) -> str:
        """The MD5 of the bytes."""
        return self._md5.hexdigest()

    @property
    def checksums(self) -> dict[str, str]:
        """The checksum that the caller named, computed, in base64."""
        return {name: encoded(value) for name, value in self._checksums.items()}

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, once."""
        for piece in self._pieces:
            self.size += len(piece)
            self._md5.update(piece)
            for checksum in self._checksums.values():
                checksum.update(piece)
            yield piece


def pieces(file: Readable, length: int) -> Iterator[bytes]:
    """Yield so many bytes of a file, in pieces."""
    while length and (piece := file.read(min(PIECE, length))):
        length -= len(piece)
        yield piece


class Body:
    """The bytes of one upload, read once; verified when they have been read.

    `default` is the checksum of an upload that comes without any.
    """

    def __init__(
        self, stream: Readable, headers: Mapping[str, str], default: str | None = None
    ) -> None:
        self._stream = stream
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._signed = self._headers.get("x-amz-content-sha256", "")
        self._sha256 = hashlib.sha256() if _HEX_DIGEST.fullmatch(self._signed) else None
        named = self._algorithms() or ({default} if default else set())
        self._checksums = {name: new_checksum(name) for name in named}
        self.size = 0

    @property
    def etag(self) -> str:
        """The MD5 of what was read."""
        return self._md5.hexdigest()

    @property
    def checksums(self) -> dict[str, str]:
        """The checksums that the caller named, or the default, computed, in base64."""
        return {name: encoded(value) for name, value in self._checksums.items()}

    def pieces(self) -> Iterator[bytes]:
        """Yield the content; a wrong digest is an S3Error after the last piece."""
        chunked = self._signed.startswith("STREAMING-")
        for piece in self._chunks() if chunked else self._plain():
            self.size += len(piece)
            self._md5.update(piece)
            if self._sha256 is not None:
                self._sha256.update(piece)
            for checksum in self._checksums.values():
                checksum.update(piece)
            yield piece
        self._verify(chunked=chunked)

    def _plain(self) -> Iterator[bytes]:
        left = int(self._headers.get("content-length") or 0)
        while left and (piece := self._stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
        if left:
            raise S3Error(Code.INCOMPLETE_BODY)

    def _chunks(self) -> Iterator[bytes]:
        """Decode aws-chunked: `size[;chunk-signature=…]`, data, trailers.

        Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
        """
        while left := self._chunk_size():
            while left:
                piece = self._stream.read(min(PIECE, left))
                if not piece:
                    raise S3Error(Code.INCOMPLETE_BODY)
                left -= len(piece)
                yield piece
            if self._stream.readline(2) != b"\r\n":
                raise S3Error(Code.INCOMPLETE_BODY)
        while line := self._stream.readline(_LONGEST_LINE).strip():
            name, _, value = line.decode("latin-1").partition(":")
            self._headers.setdefault(name.strip().lower(), value.strip())

    def _chunk_size(self) -> int:
        line = self._stream.readline(_LONGEST_LINE)
        size = _CHUNK_SIZE.match(line)
        if size is None:
            raise S3Error(Code.INCOMPLETE_BODY)
        return int(size[1], 16)

    def _algorithms(self) -> set[str]:
        announced = self._headers.get("x-amz-trailer", "").lower()
        names = [*self._headers, *announced.split(",")]
        found = {
            name.strip().removeprefix(HEADER)
            for name in names
            if name.strip().startswith(HEADER)
        }
        named = self._headers.get("x-amz-sdk-checksum-algorithm")
        return (found | ({named.lower()} if named else set())) - {*_NOT_AN_ALGORITHM}

    def _verify(self, *, chunked: bool) -> None:
        length = self._headers.get("x-amz-decoded-content-length")
        if chunked and length is not None and length != str(self.size):
            raise S3Error(Code.INCOMPLETE_BODY)
        if self._sha256 is not None and self._sha256.hexdigest() != self._signed:
            raise S3Error(Code.CONTENT_SHA256_MISMATCH)
        for name, value in self.checksums.items():
            if self._headers.get(HEADER + name, value) != value:
                raise S3Error(Code.BAD_DIGEST, name=name.upper(), what=COMPUTED)
        wanted = self._headers.get("content-md5")
        if wanted is not None and _decoded_md5(wanted) != self._md5.digest():
            received = "what we received"
            raise S3Error(Code.BAD_DIGEST, name="Content-MD5", what=received)


def _decoded_md5(text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise S3Error(Code.INVALID_DIGEST) from error
    if len(digest) != hashlib.md5(usedforsecurity=False).digest_size:
        raise S3Error(Code.INVALID_DIGEST)
    return digest
