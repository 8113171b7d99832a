"""A durable step of the controller beside one of DBOS, on the same database.

    python platform/benchmarks/durable_step.py [--rounds 100] [--steps 10]

A step is the intent, a call that answers at once, and its result. DBOS runs in an
environment of its own, made from `requirements-dbos.txt` when it is not there yet; its
tables are in the same database, and short rounds of both take turns, so that both meet
the same machine. What is compared are the medians. On SQLite both write to
one file in WAL mode with `synchronous=FULL`, on PostgreSQL to one server with fsync.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from slipway.controller.intents import Intent
from slipway.controller.operations import Ledger
from slipway.controller.pace import Pace
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Leases, Store
from slipway.sagemaker.gateway import Accepted, Gateway
from slipway.sagemaker.resources import Resource
from slipway.testing.postgres import running_postgres
from slipway.testing.rows import run_row

FOLDER = Path(__file__).parent
ENVIRONMENT = FOLDER.parents[1] / ".slipway" / "benchmarks" / "dbos"
REQUIREMENTS = FOLDER / "requirements-dbos.txt"
PROMISED = 2.0
_numbers = itertools.count(1)


class NoGateway:
    """Accepts every call at once."""

    def check(self, operation: str, payload: Mapping[str, Any]) -> None:
        """Accept every payload."""

    def mutate(
        self, operation: str, payload: Mapping[str, Any], resource: Resource
    ) -> Accepted:
        """Answer as SageMaker does, without a call."""
        del operation
        return Accepted("request-1", f"arn:{payload[resource.name_member]}")


def intent() -> Intent:
    """Return a model that nobody asked for before."""
    name = f"churn-{next(_numbers)}"
    return Intent(
        key=f"local/churn/{name}",
        run_id="r1",
        resource="sagemaker_model",
        call="CreateModel",
        digest=f"sha256:{'0' * 64}",
        name=lambda _generation: name,
        payload=lambda name, _generation: {"ModelName": name, "Tags": []},
        owner={"slipway:environment": "local", "slipway:model": "churn"},
    )


def our_ledger(url: str) -> Ledger:
    """Return a ledger whose writes are fenced, as those of every command are."""
    database = Database(url)
    migrate(database)
    leases = Leases(database)
    held = leases.take("local/churn", None, holder="benchmark")
    if held is None:
        raise AssertionError
    store = Store(database).fenced(held)
    store.add(run_row("r1"))
    gateway = cast("Gateway", NoGateway())
    return Ledger(store, gateway, Pace(0.0), lambda _status: None)


def our_steps(ledger: Ledger, count: int) -> list[float]:
    """Perform operations one after the other; return the seconds of each."""
    seconds = []
    for _ in range(count):
        asked = intent()
        began = time.perf_counter()
        ledger.perform(asked)
        seconds.append(time.perf_counter() - began)
    return seconds


def dbos_python() -> str:
    """Return the Python that has DBOS; make its environment if there is none."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run(
            [uv, "venv", "-q", "--python", sys.executable, str(ENVIRONMENT)], check=True
        )
    sync = ["pip", "sync", "-q", "--require-hashes", "--python", str(python)]
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, *sync, str(REQUIREMENTS)], check=True)
    return str(python)


@contextmanager
def dbos_process(python: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """Lend a process of DBOS that waits for how many steps to run."""
    process = subprocess.Popen(
        [python, str(FOLDER / "dbos_steps.py"), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        if said(process) != "ready":
            raise AssertionError
        yield process
        cast("Any", process.stdin).close()


def said(process: subprocess.Popen[str]) -> str:
    """Return the next line of a process."""
    return str(cast("Any", process.stdout).readline()).strip()


def dbos_steps(process: subprocess.Popen[str], count: int) -> list[float]:
    """Run steps of DBOS one after the other; return the seconds of each."""
    stdin = cast("Any", process.stdin)
    stdin.write(f"{count}\n")
    stdin.flush()
    seconds: list[float] = json.loads(said(process))
    return seconds


def compared(name: str, url: str, options: argparse.Namespace) -> bool:
    """Let both take turns on one database; print the ratio, and return if it is kept."""
    ledger = our_ledger(url)
    sides: tuple[list[float], list[float]] = ([], [])
    with dbos_process(dbos_python(), url) as process:
        for number in range(options.rounds + 3):
            turn = our_steps(ledger, options.steps), dbos_steps(process, options.steps)
            if number > 2:  # the first ones warm up
                for side, seconds in zip(sides, turn, strict=True):
                    side.extend(seconds)
    ours, theirs = (statistics.median(side) for side in sides)
    ratio = theirs / ours
    kept = ratio >= PROMISED
    print(
        f"{'kept  ' if kept else 'BROKEN'} {name:<11}"
        f" slipway {ours * 1e6:6,.0f} µs, dbos {theirs * 1e6:6,.0f} µs:"
        f" {ratio:.2f} x faster (promised: {PROMISED:g})",
        flush=True,
    )
    return kept


def main() -> int:
    """Compare on SQLite and on PostgreSQL; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--steps", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/controller.db"
        kept = [compared("SQLite", url, options)]
    with running_postgres() as server:
        url = server.create_database("durable_step")
        kept.append(compared("PostgreSQL", url, options))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
