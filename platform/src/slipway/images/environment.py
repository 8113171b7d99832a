"""The virtual environment of a process image: a model's locked packages, shared."""

import sys
from pathlib import Path

import uv

from slipway.digests import key_of
from slipway.errors import StepFailedError
from slipway.images.once import make_once
from slipway.images.tool import Progress, run_tool, silent


def python_tag() -> str:
    """Return the Python that process images run on: `cpython-3.11`."""
    version = sys.version_info
    return f"{sys.implementation.name}-{version.major}.{version.minor}"


def model_environment(
    requirements: bytes, *, images_root: Path, progress: Progress = silent
) -> Path:
    """Return an environment with `requirements`, made when no model has asked before.

    Models with the same requirements share it: its key is their digest and the
    Python that is running.
    """
    key = key_of(python_tag().encode() + b"\n" + requirements)
    target = images_root.resolve() / "environments" / key

    def fill(partial: Path) -> None:
        progress(f"Installing the model's packages for {python_tag()}")
        lock = partial / "requirements.txt"
        lock.write_bytes(requirements)
        create_environment(partial, progress=progress)
        install(partial, lock, progress=progress)
        compile_bytecode(partial, progress=progress)

    make_once(target, fill)
    return target


def create_environment(folder: Path, *, progress: Progress = silent) -> None:
    """Create an empty virtual environment in `folder`, which may be renamed later."""
    argv = [uv.find_uv_bin(), "venv", "--quiet", "--relocatable", "--allow-existing"]
    argv += ["--no-project", "--python", sys.executable, str(folder)]
    run_tool(argv, what="Creating a virtual environment", progress=progress)


def install(folder: Path, lock: Path, *, progress: Progress = silent) -> None:
    """Install each package of the hashed `lock` into the environment in `folder`.

    What uv has in its cache is taken from there; the package index is asked only when
    something is missing.
    """
    argv = [uv.find_uv_bin(), "pip", "install", "--quiet", "--require-hashes"]
    argv += ["--no-deps", "--only-binary", ":all:"]
    argv += ["--python", str(python_of(folder)), "--requirements", str(lock)]
    what = "Installing the model's packages"
    try:
        run_tool([*argv, "--offline"], what=what)
    except StepFailedError:
        run_tool(argv, what=what, progress=progress)


def compile_bytecode(environment: Path, *, progress: Progress = silent) -> None:
    """Compile what is imported from `environment`, so that no job has to.

    The packages' own tests, half of the files, are left out.
    """
    progress("Compiling the packages, so that jobs start sooner")
    argv = [str(python_of(environment)), "-m", "compileall", "-q", "-j", "0"]
    argv += ["-x", "/tests/", str(environment / "lib")]
    run_tool(argv, what="Compiling the model's packages")


def python_of(folder: Path) -> Path:
    """Return the interpreter of the environment in `folder`."""
    return folder / "bin" / "python"


def site_packages(folder: Path) -> Path:
    """Return where the environment in `folder` keeps its packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"
