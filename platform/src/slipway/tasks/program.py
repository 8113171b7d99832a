"""The console script `slipway`: what runs for long, and is no command of a checkout."""

import argparse
import sys

from slipway.application.rest.serving import Place, serve
from slipway.errors import SlipwayError

_USUAL = Place()


def main() -> None:
    """Serve the controller's API until the process is told to end."""
    given = _parser().parse_args()
    try:
        serve(given.env, Place(given.host, given.port, given.workers))
    except SlipwayError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(error.exit_code) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway")
    nouns = parser.add_subparsers(required=True, metavar="controller")
    verbs = nouns.add_parser("controller").add_subparsers(
        required=True, metavar="serve"
    )
    served = verbs.add_parser(
        "serve",
        help="serve the REST API, and take the steps that are asked for",
        description="Serve the controller's REST API with gunicorn, and take the steps"
        " that are asked for. Several instances may share one PostgreSQL. Tokens are"
        " made by invoke token.create.",
    )
    served.add_argument("--env", default="local", help="the environment (local)")
    served.add_argument(
        "--host", default=_USUAL.host, help="where to listen (127.0.0.1)"
    )
    served.add_argument("--port", type=int, default=_USUAL.port, help="(5056)")
    served.add_argument(
        "--workers", type=int, default=_USUAL.workers, help="processes (2)"
    )
    return parser
