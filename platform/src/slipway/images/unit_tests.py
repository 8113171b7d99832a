"""A model's own tests, run on the packages that its image has."""

import os
from pathlib import Path

import slipway
from slipway.digests import key_of
from slipway.errors import InvalidRequestError
from slipway.images.environment import (
    compile_bytecode,
    create_environment,
    install,
    model_environment,
    python_of,
    python_tag,
    site_packages,
)
from slipway.images.lock import FILE_NAME, check_lock
from slipway.images.once import make_once
from slipway.images.tool import Progress, run_tool, silent

#: What the tests run with beside the model's packages: a hashed lock, below the root.
TEST_REQUIREMENTS = Path("ci") / "requirements-model-tests.txt"

_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "SLIPWAY_WRITE_GOLDEN")


def run_unit_tests(
    folder: Path, *, images_root: Path, progress: Progress = silent
) -> None:
    """Run the tests in the model's folder; raise StepFailedError when one fails.

    They see the packages of the model's lock and pytest, and nothing else that this
    machine has. Both environments are made once and kept below `images_root`.
    """
    folder = folder.resolve()
    check_lock(folder)
    python = _test_environment(folder, images_root=images_root, progress=progress)
    sources = (Path(slipway.__file__).parent.parent, folder.parent)
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, sources))
    argv = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run_tool(
        [*argv, str(folder / "tests")],
        what=f"The unit tests of {folder.name}",
        progress=progress,
        env=environment,
        cwd=folder.parent.parent,
    )


def _test_environment(folder: Path, *, images_root: Path, progress: Progress) -> Path:
    """Return the Python that has pytest, and sees the model's environment below it.

    A `.pth` line adds the model's packages: nothing is resolved again, and the
    environment that the image runs on stays as it is.
    """
    lock = folder.parent.parent / TEST_REQUIREMENTS
    if not lock.is_file():
        message = f"{lock}: there is no such file. It locks what models are tested with"
        raise InvalidRequestError(message)
    requirements = (folder / FILE_NAME).read_bytes()
    below = model_environment(requirements, images_root=images_root, progress=progress)
    text = f"{python_tag()}\n{below.name}\n".encode() + lock.read_bytes()
    key = key_of(text)
    target = images_root.resolve() / "test-environments" / key

    def fill(partial: Path) -> None:
        progress("Installing what the tests run with")
        create_environment(partial, progress=progress)
        install(partial, lock, progress=progress)
        compile_bytecode(partial, progress=progress)
        line = f"{site_packages(below)}\n"
        (site_packages(partial) / "model.pth").write_text(line, encoding="utf-8")

    make_once(target, fill)
    return python_of(target)
