"""The one call that builds a model's image, as a container image or as a folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slipway.images.base_image import VARIABLE, choose_base
from slipway.images.contents import read_contents
from slipway.images.docker_image import build_docker_image, connect
from slipway.images.environment import python_tag
from slipway.images.lock import check_lock
from slipway.images.process_image import build_process_image
from slipway.images.tool import Progress, silent

Kind = Literal["docker", "process"]


@dataclass(frozen=True)
class BuiltImage:
    """An image that is there to be run."""

    #: What jobs name it by: `{registry}/slipway/{model}:{tag}`.
    uri: str
    #: The digest of everything that went into it; the tag is its beginning.
    digest: str
    #: The digest of all of that but the model's own files.
    runtime_digest: str
    #: A container image, or a folder with a virtual environment.
    kind: Kind
    #: Whether it was there already.
    cached: bool


def build_image(
    folder: Path,
    *,
    kind: Kind,
    registry: str,
    images_root: Path,
    cache: Path,
    progress: Progress = silent,
    base: str | None = None,
) -> BuiltImage:
    """Build the image of the model in `folder`, unless the same one is there.

    `images_root` holds process images and the virtual environments they share; `cache`
    holds the wheels of container images. Two builds at once do not disturb each other.
    `base` names the base image of a container image; SLIPWAY_BASE_IMAGE does when it is
    not given. Raises InvalidRequestError when the lock is not today's, UnavailableError
    without a daemon or a base image, StepFailedError with the log of a failed build.
    """
    check_lock(folder)
    if kind == "process":
        contents = read_contents(folder, base=f"process/{python_tag()}")
        uri = contents.uri(registry)
        made = build_process_image(
            contents, uri=uri, images_root=images_root, progress=progress
        )
    else:
        client = connect()
        named = base or os.environ.get(VARIABLE)
        chosen = choose_base(client, named, progress)
        contents = read_contents(folder, base=chosen)
        uri = contents.uri(registry)
        made = build_docker_image(
            client, contents, uri=uri, cache=cache, progress=progress
        )
    return BuiltImage(
        uri, contents.digest, contents.runtime_digest, kind, cached=not made
    )
