"""Digests: what is equal has the same one, on every machine."""

import hashlib
import json
from pathlib import Path

#: How every digest begins, as in image and artifact digests elsewhere.
PREFIX = "sha256:"
#: Hexadecimal digits of a key: 64 bits.
KEY_LENGTH = 16


def digest_of(value: object) -> str:
    """Return the digest of a JSON value; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return digest_of_bytes(text.encode())


def digest_of_bytes(content: bytes) -> str:
    """Return the digest of `content`."""
    return PREFIX + hashlib.sha256(content).hexdigest()


def key_of(content: bytes) -> str:
    """Return 16 letters that stand for `content`: enough for a folder or a tag."""
    return hashlib.sha256(content).hexdigest()[:KEY_LENGTH]


def digest_of_file(path: Path) -> str:
    """Return the digest of the file at `path`, read in pieces."""
    with path.open("rb") as file:
        return PREFIX + hashlib.file_digest(file, "sha256").hexdigest()
