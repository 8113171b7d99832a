"""Deploys killed at random instants: `python platform/tests/acceptance/deploy_soak`."""

import argparse
import sys

from deploy_soak_run import soak


def main() -> int:
    """Soak; return 1 if something does not hold."""
    parser = argparse.ArgumentParser(prog="deploy_soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    return soak(kills=options.kills, seed=options.seed, say=_say)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
