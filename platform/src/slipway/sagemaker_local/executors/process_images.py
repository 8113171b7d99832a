"""Images that run as processes: a folder with an `image.json` each."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.sagemaker_local.executors.contract import ImageMissingError

FILE = "image.json"
_URI = re.compile(
    r"(?P<registry>[a-zA-Z0-9.\-]+(?::\d+)?)/"
    r"(?P<repository>[a-z0-9]+(?:[._/\-][a-z0-9]+)*):(?P<tag>\w[\w.\-]{0,127})"
)


@dataclass(frozen=True)
class ProcessImage:
    """How an image runs as a process."""

    uri: str
    digest: str
    #: The program and its first arguments; a job's arguments follow.
    entrypoint: tuple[str, ...]
    environment: Mapping[str, str]
    working_dir: str


def image_file(root: Path, uri: str) -> Path | None:
    """Return where an image's description is; None for a URI that names no image."""
    match = _URI.fullmatch(uri)
    return match and root / match["repository"] / match["tag"] / FILE


def load_image(root: Path, uri: str) -> ProcessImage:
    """Return an image; one that is not there is an ImageMissingError."""
    path = image_file(root, uri)
    if path is None or not path.is_file():
        message = f"{root} has no process image of {uri!r}. Build it: invoke build"
        raise ImageMissingError(message)
    try:
        content = json.loads(path.read_bytes())
        return ProcessImage(
            uri=uri,
            digest=content["digest"],
            entrypoint=tuple(content["entrypoint"]),
            environment=dict(content.get("env", {})),
            working_dir=content.get("working_dir", "/"),
        )
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} describes no image: {error!r}. Build it again: invoke build"
        raise ImageMissingError(message) from error
