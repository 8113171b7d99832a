"""The container's commands as processes of their own, as a job's executor starts them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from slipway.container.model_package import MODEL_VARIABLE
from slipway.container.paths import ROOT_VARIABLE


def start_command(
    command: str, model: Path, root: Path, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start a command for the model in a folder, with the tree below `root`.

    The process inherits nothing of the environment but PATH; its output is one stream.
    """
    return subprocess.Popen(  # noqa: S603  # our own interpreter and entry point
        [sys.executable, "-m", "slipway.container", command],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(model.parent),
            MODEL_VARIABLE: model.name,
            ROOT_VARIABLE: str(root),
            **(environ or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_command(
    command: str, model: Path, root: Path, environ: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command to its end; return its exit code and what it printed."""
    process = start_command(command, model, root, environ)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output
