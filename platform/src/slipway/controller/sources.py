"""Which of a model's files a step reads: what its entry module imports, transitively."""

import ast
from collections.abc import Iterator
from pathlib import Path

from slipway.digests import digest_of, digest_of_file
from slipway.errors import InvalidRequestError


def step_sources(folder: Path, entry: str) -> list[Path]:
    """Return the files of the model in `folder` that `entry` runs, in a fixed order.

    A change to any other file of the folder leaves the step's cache valid.
    """
    first = folder / entry
    if not first.is_file():
        message = f"{folder.name}/{entry} is missing: every model has one"
        raise InvalidRequestError(message)
    found: set[Path] = set()
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [] if path.suffix != ".py" else list(_imported(folder, path))
    return sorted(found)


def sources_digest(folder: Path, entry: str) -> str:
    """Return the digest of what `entry` runs, names and contents."""
    paths = step_sources(folder, entry)
    return digest_of(
        {str(path.relative_to(folder)): digest_of_file(path) for path in paths}
    )


def _imported(folder: Path, path: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        message = f"{folder.name}/{path.name}:{error.lineno}: {error.msg}"
        raise InvalidRequestError(message) from error
    for node in ast.walk(tree):
        for name in _names(node, folder.name):
            parts = name.split(".")
            for length in range(len(parts) + 1):
                inner = folder.joinpath(*parts[:length])
                candidates = (inner.with_suffix(".py"), inner / "__init__.py")
                yield from (file for file in candidates if file.is_file())


def _names(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the modules below `package` that `node` may import, without its name."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level:
        names = [f"{package}.{node.module or ''}.{a.name}" for a in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        names = []
    for name in names:
        head, _, rest = name.replace("..", ".").partition(".")
        if head == package:
            yield rest
