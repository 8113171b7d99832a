"""Objects of every size, by digest, and what they take of the server's memory."""

import hashlib
import io

import psutil
import pytest
from boto3.s3.transfer import TransferConfig

MIB = 1024 * 1024
PIECE = 256 * 1024
SIZES = (
    *(0, 1, 5 * MIB - 1, 5 * MIB, 64 * MIB),
    pytest.param(1024 * MIB, marks=pytest.mark.nightly),
)
#: What the server may need beyond what it has, however large the object is.
MOST_MEMORY = 64 * MIB


@pytest.fixture(scope="module")
def carrier(new_rig):
    """A server of its own, whose memory nobody else needs meanwhile."""
    rig = new_rig()
    rig.s3.put_object(Bucket=rig.bucket(), Key="small", Body=b"warm")
    return rig


class Memory:
    """The most memory that a process was seen with."""

    def __init__(self, pid):
        self._process = psutil.Process(pid)
        self.before = self.most = self._process.memory_info().rss

    def look(self):
        self.most = max(self.most, self._process.memory_info().rss)


class Content(io.RawIOBase):
    """So many bytes, no two pieces alike, made as they are read and never kept."""

    def __init__(self, size, memory):
        self._size, self._memory = size, memory
        self._at = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = start[whence] + offset
        return self._at

    def tell(self):
        return self._at

    def read(self, size=-1):
        self._memory.look()
        left = self._size - self._at
        wanted = left if size is None or size < 0 else min(size, left)
        first, skipped = divmod(self._at, PIECE)
        made = b"".join(map(piece, range(first, (self._at + wanted) // PIECE + 1)))
        self._at += wanted
        return made[skipped : skipped + wanted]


def piece(number):
    """Return one piece of the content; each byte of it depends on where it is."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest() * (PIECE // 32)


def digest(content, memory):
    """Return the digest of a stream, read in pieces."""
    found = hashlib.sha256()
    while read := content.read(PIECE):
        memory.look()
        found.update(read)
    return found.hexdigest()


def put_at_once(s3, bucket, content):
    s3.put_object(Bucket=bucket, Key="large", Body=content)


def put_in_parts(s3, bucket, content):
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(content, bucket, "large", Config=config)


@pytest.mark.parametrize("put", [put_at_once, put_in_parts])
@pytest.mark.parametrize("size", SIZES)
def test_an_object_of_every_size_comes_back(carrier, put, size):
    bucket, memory = carrier.bucket(), Memory(carrier.server.pid)
    sent = digest(Content(size, memory), memory)

    put(carrier.s3, bucket, Content(size, memory))
    answer = carrier.s3.get_object(Bucket=bucket, Key="large")

    assert answer["ContentLength"] == size
    assert digest(answer["Body"], memory) == sent
    assert memory.most - memory.before < MOST_MEMORY
    carrier.s3.delete_object(Bucket=bucket, Key="large")
