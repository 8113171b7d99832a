#!/usr/bin/env python3
"""The models that a change touches, as the matrix of a CI job.

Usage: ci/changed_models.py [--base REVISION] [--head REVISION] [--github-output FILE]

Prints {"any": true, "matrix": {"model": ["churn_risk", "tumor_malignancy"]}}. A matrix
without a model fails a GitHub run with no job to show for it: a job that takes the matrix
asks `any` first. It needs Python and git, and nothing of the repository installed.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

#: What every model is built from or tested by: a change there is a change of each model.
SHARED = (
    "ci/",
    "copier-template/",
    "platform/",
    "sql/",
    ".ci/",
    ".github/",
    "Makefile",
    "models/conftest.py",
    "pyproject.toml",
    "tasks.py",
    "tox.toml",
)
#: What a push names as its base when the branch is new.
NO_REVISION = re.compile(r"0*")

_MODEL = re.compile(r"models/([a-z][a-z0-9_]*)/")


def models_touched(paths: Iterable[str], models: Sequence[str]) -> list[str]:
    """Return the names of `models` that a change of the files `paths` touches, sorted."""
    touched = set()
    for path in paths:
        if path.startswith(SHARED):
            return sorted(models)
        if found := _MODEL.match(path):
            touched.add(found[1])
    return sorted(touched & set(models))


def model_names(root: Path) -> list[str]:
    """Return the name of each model folder below `root`."""
    names = (path.parent.name for path in root.glob("models/*/model.yaml"))
    return sorted(name for name in names if _MODEL.fullmatch(f"models/{name}/"))


def changed_paths(root: Path, base: str, head: str) -> list[str] | None:
    """Return the files that differ since `head` left `base`; None when git cannot tell."""
    if NO_REVISION.fullmatch(base):
        return None
    found = subprocess.run(  # noqa: S603 - an argument list, no shell
        ["git", "diff", "--name-only", "--no-renames", "-z", f"{base}...{head}", "--"],  # noqa: S607 - git from the PATH
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        print(f"{found.stderr.strip()}: every model is tested", file=sys.stderr)  # noqa: T201 - a script's output
        return None
    return [path for path in found.stdout.split("\0") if path]


def main(arguments: Sequence[str]) -> int:
    """Print the matrix, and append it to GitHub's file of outputs when one is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", default="", help="what the change goes into")
    parser.add_argument("--head", default="HEAD", help="the change's last commit")
    parser.add_argument("--github-output", type=Path, help="a file of name=value lines")
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent.parent
    names = model_names(root)
    paths = changed_paths(root, options.base, options.head)
    touched = names if paths is None else models_touched(paths, names)
    matrix = {"model": touched}
    print(json.dumps({"any": bool(touched), "matrix": matrix}))  # noqa: T201 - a script's output
    if options.github_output:
        lines = f"any={json.dumps(bool(touched))}\nmatrix={json.dumps(matrix)}\n"
        with options.github_output.open("a", encoding="utf-8") as file:
            file.write(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
