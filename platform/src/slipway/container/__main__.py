"""The entry point of every model's image."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from slipway.container.contract import (
    Command,
    Job,
    refuse,
    run_command,
    stop_on_sigterm,
)
from slipway.container.model_package import find_package
from slipway.container.paths import Paths
from slipway.errors import SlipwayError

#: Each command: the module that holds its `run`, and what --help says about it.
COMMANDS = {
    "extract": (
        "slipway.container.extract.run",
        "run extract.sql on the warehouse, write Parquet, a manifest, a quality report",
    ),
    "preprocess": (
        "slipway.container.preprocess",
        "call preprocess(frame), split the rows by key, write features and a profile",
    ),
    "train": (
        "slipway.container.train",
        "train the model class, measure it on the test rows, write the artifact",
    ),
    "prepare": (
        "slipway.container.scoring.prepare",
        "call preprocess(frame), write the rows to score as JSON lines, and their keys",
    ),
    "publish": (
        "slipway.container.scoring.publish",
        "check a transform job's answers against what was asked, and write predictions",
    ),
    "serve": (
        "slipway.container.serve.run",
        "load the artifact and answer GET /ping and POST /invocations",
    ),
}


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command of the image and return its exit code."""
    name = _parser().parse_args(arguments).command
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    paths = Paths.of_environment(environ)
    try:
        job = Job(paths, find_package(environ), environ)
    except SlipwayError as error:
        return refuse(paths, error)
    stop_on_sigterm()
    return run_command(load(name), job)


def load(name: str) -> Command:
    """Return a command's function, importing what that command alone needs."""
    command: Command = importlib.import_module(COMMANDS[name][0]).run
    return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m slipway.container",
        description="What a model's image does, by SageMaker's container contract.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, text) in COMMANDS.items():
        commands.add_parser(name, help=text, description=text)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
