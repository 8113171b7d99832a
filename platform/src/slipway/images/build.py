"""The one call that builds a model's image, as a container image or as a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slipway.images.contents import read_contents
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
) -> BuiltImage:
    """Build the image of the model in `folder`, unless the same one is there.

    `images_root` holds process images and the virtual environments they share; `cache`
    holds the wheels of container images. Two builds at once do not disturb each other.
    """
    check_lock(folder)
    contents = read_contents(folder, base=f"process/{python_tag()}")
    uri = contents.uri(registry)
    made = build_process_image(
        contents, uri=uri, images_root=images_root, progress=progress
    )
    return BuiltImage(uri, contents.digest, kind, cached=not made)
