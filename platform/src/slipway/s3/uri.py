"""The address of an S3 object or prefix."""

from dataclasses import dataclass
from typing import Self

from slipway.errors import InvalidRequestError

_SCHEME = "s3://"


@dataclass(frozen=True, order=True)
class S3Uri:
    """A bucket and a key; a key that ends in `/` is a prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address that `text` spells, or raise InvalidRequestError."""
        bucket, slash, key = text.removeprefix(_SCHEME).partition("/")
        if not text.startswith(_SCHEME) or not bucket or not slash:
            message = f"{text!r} is not an S3 address: expected {_SCHEME}bucket/key"
            raise InvalidRequestError(message)
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.key}"

    def __truediv__(self, name: str) -> "S3Uri":
        return S3Uri(self.bucket, f"{self.key.rstrip('/')}/{name}".lstrip("/"))

    @property
    def folder(self) -> "S3Uri":
        """The same address as a prefix: its key ends in `/`."""
        return S3Uri(self.bucket, f"{self.key.rstrip('/')}/")

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rstrip("/").rpartition("/")[2]
