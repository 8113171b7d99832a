"""What goes into a model's image, and the digest and URI that follow from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import slipway
from slipway.digests import KEY_LENGTH, PREFIX, digest_of_bytes
from slipway.errors import InvalidRequestError
from slipway.names import dashed

#: The parts of `slipway` that ship in every image: `container`, and all below it.
SHIPPED = (
    "__init__.py",
    "container",
    "digests.py",
    "documents.py",
    "errors.py",
    "names.py",
    "py.typed",
    "quality",
    "spec",
)
#: What a model's folder holds that its image does not run.
LEFT_OUT = frozenset(
    {"Dockerfile", "README.md", "fixtures", "pyproject.toml", "requirements.txt"}
    | {"tests", "__pycache__"}
)
#: Raised by one when the same files would give a different image.
FORMAT = 1


@dataclass(frozen=True)
class Contents:
    """Everything that decides what a model's image is."""

    #: The model's name: the package that the image runs.
    model: str
    #: What the image stands on: an image reference, or the Python of a process image.
    base: str
    #: Each file of the build context, by its path there.
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """The digest of all of it: `sha256:` and 64 hexadecimal digits."""
        return self._digest(self.files)

    @cached_property
    def runtime_digest(self) -> str:
        """The digest of what the model's own code runs on: all but `models/`.

        A step whose sources did not change is still what it was when this is the same.
        """
        below = {
            p: data for p, data in self.files.items() if p.split("/")[0] != "models"
        }
        return self._digest(below)

    @property
    def repository(self) -> str:
        """The image's name below its registry: `slipway/tumor-malignancy`."""
        return f"slipway/{dashed(self.model)}"

    @property
    def tag(self) -> str:
        """The image's tag: the beginning of its digest."""
        return self.digest.removeprefix(PREFIX)[:KEY_LENGTH]

    def _digest(self, files: Mapping[str, bytes]) -> str:
        lines = [f"format {FORMAT}", f"base {self.base}", f"model {self.model}"]
        for path, data in sorted(files.items()):
            lines.append(f"file {digest_of_bytes(data)} {path}")
        text = "\n".join(lines)
        return digest_of_bytes(text.encode())

    def uri(self, registry: str) -> str:
        """Return the image's URI in `registry`, a host name without a slash."""
        return f"{registry}/{self.repository}:{self.tag}"


def read_contents(folder: Path, *, base: str) -> Contents:
    """Read what the image of the model in `folder` is made of, on top of `base`."""
    name = folder.resolve().name
    files = {
        file: _required(folder / file) for file in ("Dockerfile", "requirements.txt")
    }
    for path in _model_files(folder):
        relative = path.relative_to(folder).as_posix()
        files[f"models/{name}/{relative}"] = path.read_bytes()
    for path in _platform_files():
        relative = path.relative_to(_platform()).as_posix()
        files[f"platform/slipway/{relative}"] = path.read_bytes()
    return Contents(name, base, files)


def _required(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        message = (
            f"{path} is missing: no image can be built without it. Copy the one of a"
            " model made by `invoke new`"
        )
        raise InvalidRequestError(message) from error


def _model_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT or path.name.startswith("."):
            continue
        yield from _files(path)


def _platform() -> Path:
    return Path(slipway.__file__).parent


def _platform_files() -> Iterator[Path]:
    for name in SHIPPED:
        yield from _files(_platform() / name)


def _files(path: Path) -> Iterator[Path]:
    """Yield `path` itself, or each file below it that a person wrote."""
    if path.is_file():
        yield path
        return
    for below in sorted(path.rglob("*")):
        parts = below.relative_to(path).parts
        written = not any(part == "__pycache__" or part[0] == "." for part in parts)
        if written and below.is_file():
            yield below
