"""A model's `requirements.txt`: locked by uv, and known to fit its `pyproject.toml`."""

import json
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uv

from slipway.digests import key_of
from slipway.errors import InvalidRequestError
from slipway.images.tool import Progress, run_tool, silent

#: The Python of the images; a lock holds for it and for later ones.
PYTHON_VERSION = "3.11"
FILE_NAME = "requirements.txt"

_MARK = "# Locked by `invoke lock` for the dependencies "


def lock(folder: Path, *, upgrade: bool = False, progress: Progress = silent) -> Path:
    """Write `requirements.txt` from the `pyproject.toml` of the model in `folder`.

    Versions that are locked already stay, unless `upgrade` asks for the newest. The
    platform itself is not in it: an image copies its code.
    """
    target = folder / FILE_NAME
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / FILE_NAME
        if target.is_file() and not upgrade:
            output.write_bytes(target.read_bytes())
        run_tool(
            [uv.find_uv_bin(), "pip", "compile", "pyproject.toml", "--quiet"]
            + ["--generate-hashes", "--universal", "--python-version", PYTHON_VERSION]
            + ["--no-emit-package", "slipway", "--no-header", "--no-annotate"]
            + ["--output-file", str(output)]
            + (["--upgrade"] if upgrade else []),
            what=f"Locking {target}",
            progress=progress,
            cwd=folder,
        )
        target.write_text(_marked(output.read_text(), dependencies_digest(folder)))
    return target


def check_lock(folder: Path) -> None:
    """Raise InvalidRequestError unless the lock was made for today's dependencies."""
    path = folder / FILE_NAME
    text = path.read_text() if path.is_file() else ""
    expected = f"{_MARK}{dependencies_digest(folder)}"
    if expected not in text.splitlines():
        what = "was locked for other dependencies than" if text else "is missing beside"
        message = (
            f"{path} {what} {folder / 'pyproject.toml'} (or the platform's) names."
            f" Lock it again: invoke lock --model {folder.resolve().name}"
        )
        raise InvalidRequestError(message)


def dependencies_digest(folder: Path) -> str:
    """Return the digest of what a lock is made from, whatever the model's name.

    It covers the model's own dependencies and those of the platform's container code.
    """
    project = _read(folder / "pyproject.toml")
    platform = _platform(folder, project)["project"]
    asked = {
        "python": PYTHON_VERSION,
        "model": sorted(project["project"]["dependencies"]),
        "platform": sorted(platform["dependencies"]),
        "container": sorted(platform["optional-dependencies"]["container"]),
    }
    return key_of(json.dumps(asked, sort_keys=True).encode())


def _platform(folder: Path, project: Mapping[str, Any]) -> dict[str, Any]:
    source = project.get("tool", {}).get("uv", {}).get("sources", {}).get("slipway", {})
    if "path" not in source:
        message = (
            f"{folder / 'pyproject.toml'}: [tool.uv.sources] does not say where slipway"
            ' is. Expected: slipway = { path = "../../platform" }'
        )
        raise InvalidRequestError(message)
    return _read(folder / source["path"] / "pyproject.toml")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path}: there is no such file"
        raise InvalidRequestError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: this is not TOML: {error}"
        raise InvalidRequestError(message) from error


def _marked(text: str, digest: str) -> str:
    kept = [line for line in text.splitlines() if line and not line.startswith("#")]
    return "\n".join([f"{_MARK}{digest}", *kept]) + "\n"
