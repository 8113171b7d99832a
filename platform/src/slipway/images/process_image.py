"""A model's image as a folder, for machines without a Docker daemon."""

import compileall
import json
from pathlib import Path

from slipway.images.contents import Contents
from slipway.images.environment import model_environment, python_of
from slipway.images.once import make_once
from slipway.images.tool import Progress, silent

#: Tells how the image runs; paths in it are absolute.
FILE_NAME = "image.json"


def build_process_image(
    contents: Contents,
    *,
    uri: str,
    images_root: Path,
    progress: Progress = silent,
) -> bool:
    """Make the image's folder unless it is there, and tell if it was made."""
    requirements = contents.files["requirements.txt"]
    environment = model_environment(
        requirements, images_root=images_root, progress=progress
    )
    target = images_root.resolve() / contents.repository / contents.tag

    def fill(partial: Path) -> None:
        progress(f"Copying the code of {contents.model}")
        for path, data in contents.files.items():
            file = partial / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        document = _document(contents, uri, target, environment)
        text = json.dumps(document, indent=2) + "\n"
        (partial / FILE_NAME).write_text(text, encoding="utf-8")
        for code in ("platform", "models"):
            compileall.compile_dir(
                partial / code, quiet=2, stripdir=partial, prependdir=target
            )

    return make_once(target, fill)


def digest_of_folder(uri: str, *, registry: str, images_root: Path) -> str:
    """Return the digest of the image `uri`; empty: its folder is not there."""
    try:
        text = (folder_of(uri, registry, images_root) / FILE_NAME).read_text("utf-8")
    except FileNotFoundError:
        return ""
    return str(json.loads(text)["digest"])


def folder_of(uri: str, registry: str, images_root: Path) -> Path:
    """Return where the folder of the image `uri` is, if it is there."""
    repository, _, tag = uri.removeprefix(f"{registry}/").rpartition(":")
    return images_root / repository / tag


def _document(
    contents: Contents, uri: str, target: Path, environment: Path
) -> dict[str, object]:
    return {
        "uri": uri,
        "digest": contents.digest,
        "entrypoint": [str(python_of(environment)), "-m", "slipway.container"],
        "env": {
            "PYTHONPATH": f"{target / 'platform'}:{target / 'models'}",
            "PYTHONUNBUFFERED": "1",
            "SLIPWAY_MODEL": contents.model,
        },
        "working_dir": str(target),
    }
