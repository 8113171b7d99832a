"""The image that a model's image stands on, and where it comes from."""

import requests
from docker import DockerClient
from docker.errors import DockerException, ImageNotFound

from slipway.errors import UnavailableError
from slipway.images.build import VARIABLE
from slipway.images.tool import Progress, silent

#: What the images of the models stand on, where a registry can be reached.
PUBLIC = "python:3.11-slim-bookworm"
#: Its stand-in from Debian's packages, made by `ci/base_image.sh`.
FROM_DEBIAN = "slipway-base:bookworm"
#: Seconds without a word from the registry until a pull is given up.
PULL_TIMEOUT = 20


def choose_base(
    client: DockerClient, named: str | None = None, progress: Progress = silent
) -> str:
    """Return the base image's reference, present in the daemon; raise if none is.

    One that is `named` is taken or refused. Else it is the first of the two that the
    daemon has; the public one is pulled when it has neither.
    """
    wanted = (named,) if named else (PUBLIC, FROM_DEBIAN)
    for reference in wanted:
        if _is_present(client, reference):
            return reference
    progress(f"Pulling {wanted[0]}")
    if not _pull(client, wanted[0]):
        message = (
            f"The base image {wanted[0]!r} is not there, and cannot be pulled. Where no"
            f" registry is reached, make {FROM_DEBIAN!r} by ci/base_image.sh"
        )
        if named:
            message += f", and name it in {VARIABLE} or name nothing"
        raise UnavailableError(message)
    return wanted[0]


def _is_present(client: DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


def _pull(client: DockerClient, reference: str) -> bool:
    """Pull an image; the daemon is waited for, and never longer than it keeps talking."""
    api = client.api
    patience = api.timeout
    api.timeout = PULL_TIMEOUT
    try:
        stream = api.pull(reference, stream=True, decode=True, platform="linux/amd64")
        return not any(["error" in line for line in stream])  # noqa: C419 - reads it all
    except (DockerException, requests.RequestException):
        return False
    finally:
        api.timeout = patience
