"""One GiB in and out of the local S3, and the memory that it takes."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
from promises import Promises, say, timed

from slipway.testing.local_stack import LocalServer

MIB = 1024**2
GIB = 1024 * MIB
#: What was promised.
MOST_MORE = 64 * MIB


@contextlib.contextmanager
def memory_of(pid: int) -> Iterator[list[int]]:
    """Look at a process's memory all the time; lend what it was at first and at most."""
    process, done = psutil.Process(pid), threading.Event()
    seen = [process.memory_info().rss] * 2

    def look() -> None:
        while not done.wait(0.01):
            seen[1] = max(seen[1], process.memory_info().rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def large_object(top: Path, promises: Promises) -> None:
    """Put an object of one GiB and get it, at once and in parts."""
    source = top / "large"
    digest = written(source)
    server = LocalServer(top / "carrying").start()
    s3 = boto3.client("s3", **server.client_settings)
    try:
        where = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket="bench", CreateBucketConfiguration=where)
        s3.put_object(Bucket="bench", Key="small", Body=b"warm")
        with memory_of(server.pid) as seen, source.open("rb") as file:
            put = timed(lambda: s3.put_object(Bucket="bench", Key="one", Body=file))
            parts = timed(lambda: s3.upload_file(str(source), "bench", "parts"))
            began = time.perf_counter()
            equal = [fetched(s3, key) == digest for key in ("one", "parts")]
            got = (time.perf_counter() - began) / 2
        more = seen[1] - seen[0]
    finally:
        server.stop()
    say(f"       one GiB: put {put:.1f} s, put in parts {parts:.1f} s, got {got:.1f} s")
    promises.judge(all(equal), "one GiB comes back as it was put, at once and in parts")
    promises.judge(
        more <= MOST_MORE,
        f"{more / MIB:.0f} MiB more memory for one GiB in and out "
        f"(promised: at most {MOST_MORE // MIB} MiB)",
    )


def written(path: Path) -> str:
    """Write one GiB that no two pieces of are equal, and return its digest."""
    digest = hashlib.sha256()
    piece = bytes(range(256)) * 4096
    with path.open("wb") as file:
        for number in range(GIB // MIB):
            part = number.to_bytes(8, "big") + piece[8:]
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def fetched(s3: Any, key: str) -> str:
    """Get an object, and return the digest of its content."""
    digest = hashlib.sha256()
    body = s3.get_object(Bucket="bench", Key=key)["Body"]
    for piece in body.iter_chunks(MIB):
        digest.update(piece)
    return digest.hexdigest()
