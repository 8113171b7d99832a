"""The folder of wheels that a container image is built from, without a network."""

import sys
from pathlib import Path

from slipway.digests import key_of
from slipway.images.lock import PYTHON_VERSION
from slipway.images.once import make_once
from slipway.images.pins import select
from slipway.images.tool import Progress, run_tool, silent

#: The newest glibc that wheels may ask for: Debian bookworm's.
GLIBC = 36

_PLATFORMS = (
    *(f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)),
    *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
    "linux_x86_64",
)


def wheelhouse(
    requirements: bytes, *, cache: Path, progress: Progress = silent
) -> Path:
    """Return the folder with each wheel of a lock, downloaded when it is not there.

    Its key is the digest of the lock and the Python it is for. pip checks each file's
    hash, and is asked for 64-bit Linux whatever this machine is.
    """
    key = key_of(PYTHON_VERSION.encode() + b"\n" + requirements)
    target = cache / "wheelhouses" / key

    def fill(partial: Path) -> None:
        progress("Downloading the model's packages")
        pins = partial / "pins.txt"
        pins.write_text(select(requirements.decode()), encoding="utf-8")
        run_tool(
            _download(pins, partial), what="Downloading packages", progress=progress
        )
        pins.unlink()

    make_once(target, fill)
    return target


def _download(pins: Path, target: Path) -> list[str]:
    argv = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps"]
    argv += ["--disable-pip-version-check", "--no-input", "--require-hashes"]
    argv += ["--only-binary", ":all:", "--implementation", "cp"]
    argv += ["--python-version", PYTHON_VERSION]
    for platform in _PLATFORMS:
        argv += ["--platform", platform]
    return [*argv, "--dest", str(target), "--requirement", str(pins)]
