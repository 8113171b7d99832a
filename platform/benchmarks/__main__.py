"""Every benchmark, one after the other: `make bench`."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "controller.py",
    "deploy.py",
    "durable_step.py",
    "endpoint_updates.py",
    "extract.py",
    "invocations.py",
    "ledger_load.py",
    "local_server.py",
    "transition_rate.py",
)


def main() -> int:
    """Run each benchmark in a process of its own; return how many broke a promise."""
    folder = Path(__file__).parent
    broken = 0
    for name in BENCHMARKS:
        sys.stdout.write(f"== {name}\n")
        sys.stdout.flush()
        command = [sys.executable, str(folder / name)]
        broken += subprocess.run(command, check=False).returncode != 0
    return broken


if __name__ == "__main__":
    sys.exit(main())
