"""The soak: `make soak`, or `python platform/tests/acceptance/soak --kills 20`."""

import argparse
import sys

from soak_run import soak

_EXECUTORS = ("process", "docker")


def main() -> int:
    """Soak each executor; return how many are bad."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--executor", choices=_EXECUTORS, action="append")
    options = parser.parse_args()
    return sum(
        soak(executor, kills=options.kills, seed=options.seed, say=_say)
        for executor in options.executor or _EXECUTORS
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
