"""A model's image, built by a Docker daemon without a network."""

import secrets
import tarfile
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import docker
import requests
from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound

from slipway.errors import UnavailableError
from slipway.images.contents import Contents
from slipway.images.tool import LAST_LINES, Progress, failure, silent
from slipway.images.wheelhouse import wheelhouse

#: What SageMaker's CPU instances run; never what this machine happens to be.
PLATFORM = "linux/amd64"
#: Seconds between two words of the daemon: one RUN may be quiet for minutes.
BUILD_TIMEOUT = 1800
#: Seconds that a daemon has to say that it is there.
PING_TIMEOUT = 5
#: The time of every file of a build context: seconds since 1970.
FILE_TIME = 1_700_000_000


@contextmanager
def connected() -> Iterator[DockerClient]:
    """Yield a client of the Docker daemon; raise UnavailableError if none answers."""
    if not daemon_answers():
        message = (
            "No Docker daemon answers. Start Docker, or set SLIPWAY_EXECUTOR=process,"
            " which needs none"
        )
        raise UnavailableError(message)
    with closing(docker.from_env(timeout=BUILD_TIMEOUT)) as client:
        yield client


def daemon_answers() -> bool:
    """Tell whether there is a Docker daemon to build and run images with."""
    try:
        with closing(docker.from_env(timeout=PING_TIMEOUT)) as client:
            return bool(client.ping())
    except (DockerException, requests.RequestException):
        return False


def build_docker_image(
    client: DockerClient,
    contents: Contents,
    *,
    uri: str,
    cache: Path,
    progress: Progress = silent,
) -> bool:
    """Build the image unless the daemon has one of that name, and tell if it did.

    A build that another one overtook leaves the name to that: versions keep its digest.
    """
    if digest_of_built(client, uri):
        return False
    wheels = wheelhouse(
        contents.files["requirements.txt"], cache=cache, progress=progress
    )
    progress(f"Building {uri} on {contents.base}")
    with tempfile.TemporaryFile() as context:
        write_context(context, contents.files, wheels)
        context.seek(0)
        made = f"{uri}.{secrets.token_hex(4)}"
        _build(client, contents, uri=made, context=context, progress=progress)
    is_first = not digest_of_built(client, uri)
    if is_first:
        client.images.get(made).tag(uri)
    client.images.remove(made)
    return is_first


def write_context(target: IO[bytes], files: Mapping[str, bytes], wheels: Path) -> None:
    """Write the build context as a tar archive: the same bytes for the same input."""
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path, data in sorted(files.items()):
            archive.addfile(_entry(path, len(data)), BytesIO(data))
        for wheel in sorted(wheels.iterdir()):
            entry = _entry(f"wheelhouse/{wheel.name}", wheel.stat().st_size)
            with wheel.open("rb") as file:
                archive.addfile(entry, file)


def _entry(path: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mtime, entry.mode = size, FILE_TIME, 0o644
    return entry


def digest_of_built(client: DockerClient, uri: str) -> str:
    """Return the digest of the daemon's image of that name; empty: it has none."""
    try:
        return str(client.images.get(uri).id)
    except ImageNotFound:
        return ""


def _build(
    client: DockerClient,
    contents: Contents,
    *,
    uri: str,
    context: IO[bytes],
    progress: Progress,
) -> None:
    last: deque[str] = deque(maxlen=LAST_LINES)
    what = f"Building the image of {contents.model}"
    try:
        stream = client.api.build(
            fileobj=context,
            custom_context=True,
            tag=uri,
            buildargs={"BASE_IMAGE": contents.base},
            labels={"slipway.model": contents.model, "slipway.digest": contents.digest},
            network_mode="none",
            platform=PLATFORM,
            rm=True,
            forcerm=True,
            decode=True,
        )
        for line in _lines(stream):
            last.append(line)
            progress(line)
    except _BuildFailedError as error:
        raise failure(what, last, str(error)) from error
    except APIError as error:
        if error.response is not None:
            error.response.close()
        raise failure(what, last, str(error.explanation or error)) from error


class _BuildFailedError(Exception):
    """The daemon's own word for why a build ended."""


def _lines(stream: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield each line of a build's log, then raise if the build failed.

    The stream is read to its end also then: its connection is freed by that.
    """
    error = ""
    for part in stream:
        error = part.get("error", error)
        for line in part.get("stream", "").splitlines():
            if line.strip():
                yield line.rstrip()
    if error:
        raise _BuildFailedError(error)
