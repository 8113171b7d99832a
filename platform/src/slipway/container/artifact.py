"""The model artifact: a folder of files whose digests its manifest lists."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from slipway.container.features import Feature
from slipway.container.files import record_of
from slipway.container.manifest import (
    FILE_NAME,
    read_manifest,
    refuse_unlisted,
    verify_files,
    write_manifest,
)
from slipway.digests import digest_of_file
from slipway.errors import IntegrityError

#: The packages whose versions an artifact is written by, and may depend on.
_PACKAGES = ("slipway", "numpy", "pandas", "scikit-learn", "skops")


@dataclass(frozen=True)
class Artifact:
    """A verified artifact."""

    #: The folder that holds it.
    folder: Path
    #: The model that it is of.
    model: str
    #: `sha256:` and the digest of its manifest's bytes.
    digest: str
    #: What the model predicts from, in the order of the training rows.
    features: tuple[Feature, ...]


def artifact_digest(folder: Path) -> str:
    """Return `sha256:` and the digest of the manifest, which lists every other digest."""
    return digest_of_file(folder / FILE_NAME)


def write_artifact_manifest(
    folder: Path, model: str, features: Iterable[Feature]
) -> Artifact:
    """Write the manifest of everything in `folder`, and return the artifact."""
    files = {
        path.relative_to(folder).as_posix(): record_of(path)
        for path in folder.rglob("*")
        if path.is_file()
    }
    kept = tuple(features)
    facts = {
        "model": model,
        "created_by": _versions(),
        "features": [feature.document() for feature in kept],
    }
    write_manifest(folder, facts, files)
    return Artifact(folder, model, artifact_digest(folder), kept)


def verify_artifact(
    folder: Path, *, model: str | None = None, expected: str | None = None
) -> Artifact:
    """Return the artifact in `folder`, or raise IntegrityError; nothing is deserialised.

    `model` is whose it must be, and `expected` the digest that it must have.
    """
    manifest = read_manifest(folder, what="The artifact")
    digest = artifact_digest(folder)
    if expected and digest != expected:
        message = (
            f"The artifact in {folder} is {digest}, and {expected} was registered:"
            " it is refused"
        )
        raise IntegrityError(message)
    if model is not None and manifest.get("model") != model:
        message = (
            f"The artifact in {folder} is of the model {manifest.get('model')!r},"
            f" not {model!r}"
        )
        raise IntegrityError(message)
    verify_files(folder, manifest["files"])
    refuse_unlisted(folder, manifest["files"])
    features = tuple(Feature.of_document(item) for item in manifest["features"])
    return Artifact(folder, manifest["model"], digest, features)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
