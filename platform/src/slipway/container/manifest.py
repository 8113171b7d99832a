"""Manifests: what a step wrote, file by file, so that the next one can tell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway.container.files import FileRecord, read_json, verify_file, write_json
from slipway.errors import IntegrityError

#: The manifest's name in every folder that has one.
FILE_NAME = "manifest.json"
#: The version of the manifests' format.
FORMAT = 1


def write_manifest(
    folder: Path, facts: Mapping[str, Any], files: Mapping[str, FileRecord]
) -> FileRecord:
    """Write a folder's manifest, which makes the folder complete: it comes last."""
    listed = {name: files[name].document() for name in sorted(files)}
    document = {"format": FORMAT, **facts, "files": listed}
    return write_json(folder / FILE_NAME, document)


def read_manifest(folder: Path, *, what: str) -> dict[str, Any]:
    """Return a folder's manifest; `what` names the folder in errors."""
    path = folder / FILE_NAME
    if not path.is_file():
        message = f"{what} is incomplete: there is no {path}"
        raise IntegrityError(message)
    document = read_json(path, what=f"The manifest of {what}")
    if document.get("format") != FORMAT or not isinstance(document.get("files"), dict):
        message = (
            f"{path} is a manifest of format {document.get('format')!r};"
            f" this version of Slipway reads format {FORMAT}"
        )
        raise IntegrityError(message)
    return document


def verify_files(folder: Path, files: Mapping[str, Any]) -> None:
    """Raise IntegrityError unless each listed file is there, byte for byte."""
    for name, document in files.items():
        _check_name(folder, name)
        verify_file(folder, name, FileRecord.of_document(document))


def refuse_unlisted(folder: Path, files: Mapping[str, Any]) -> None:
    """Raise IntegrityError for a file in `folder` that its manifest does not list."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if name not in files and name != FILE_NAME:
            message = f"{folder} holds {name!r}, which its manifest does not list"
            raise IntegrityError(message)


def _check_name(folder: Path, name: str) -> None:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        message = f"The manifest of {folder} lists {name!r}, which is outside of it"
        raise IntegrityError(message)
