"""The one call that builds a model's image, as a container image or as a folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slipway.images.contents import Contents, read_contents
from slipway.images.environment import python_tag
from slipway.images.lock import check_lock
from slipway.images.process_image import build_process_image, digest_of_folder
from slipway.images.tool import Progress, silent

Kind = Literal["docker", "process"]

#: Names the base image of every container image.
VARIABLE = "SLIPWAY_BASE_IMAGE"


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


def image_of(folder: Path, *, kind: Kind, registry: str) -> BuiltImage:
    """Return what the image of the model in `folder` would be; nothing is built.

    Raises what `build_image` would: for a lock that is not today's, and without a daemon
    or a base image.
    """
    check_lock(folder)
    base = f"process/{python_tag()}"
    if kind == "docker":
        from slipway.images.base_image import choose_base
        from slipway.images.docker_image import connected

        with connected() as client:
            base = choose_base(client, os.environ.get(VARIABLE), silent)
    contents = read_contents(folder, base=base)
    return _built(contents, contents.uri(registry), kind, made=False)


def digest_there(uri: str, *, kind: Kind, registry: str, images_root: Path) -> str:
    """Return the digest of the image `uri` on this machine; empty: it is not there.

    A daemon gives it, and another one to each build; that of a folder is of its content.
    """
    if kind == "docker":
        from slipway.images.docker_image import connected, digest_of_built

        with connected() as client:
            return digest_of_built(client, uri)
    return digest_of_folder(uri, registry=registry, images_root=images_root)


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
    if kind == "docker":
        named = base or os.environ.get(VARIABLE)
        return _build_docker(
            folder, registry=registry, cache=cache, progress=progress, base=named
        )
    contents = read_contents(folder, base=f"process/{python_tag()}")
    uri = contents.uri(registry)
    made = build_process_image(
        contents, uri=uri, images_root=images_root, progress=progress
    )
    return _built(contents, uri, kind, made=made)


def _build_docker(
    folder: Path, *, registry: str, cache: Path, progress: Progress, base: str | None
) -> BuiltImage:
    # The Docker client takes a quarter of a second to import; process images need none.
    from slipway.images.base_image import choose_base
    from slipway.images.docker_image import build_docker_image, connected

    with connected() as client:
        contents = read_contents(folder, base=choose_base(client, base, progress))
        uri = contents.uri(registry)
        made = build_docker_image(
            client, contents, uri=uri, cache=cache, progress=progress
        )
    return _built(contents, uri, "docker", made=made)


def _built(contents: Contents, uri: str, kind: Kind, *, made: bool) -> BuiltImage:
    return BuiltImage(
        uri, contents.digest, contents.runtime_digest, kind, cached=not made
    )
