"""A thousand operations under way, reconciled below the budget; 100,000 of them listed.

    python platform/benchmarks/ledger_load.py

The reconciler is the real one, on a real database; SageMaker is a table of when each job
ends, and the clock is simulated, so that half an hour passes in seconds. The list is
read to its end in a process of its own, for its memory.
"""

import contextlib
import datetime as dt
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from promises import Promises, say
from sqlalchemy import insert, literal

from slipway.controller.estate import Estate
from slipway.controller.orm import Operation, Run
from slipway.controller.pace import Pace
from slipway.controller.reconcile import reconcile
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Store
from slipway.controller.store.budget import RATES, Budget
from slipway.controller.store.listing import Wanted, every_operation
from slipway.sagemaker.gateway import Observation
from slipway.sagemaker.limiter import Limiter, Unlimited
from slipway.sagemaker.status import Meaning
from slipway.testing.postgres import running_postgres

UNDER_WAY, MODELS = 1000, 10
#: Simulated seconds within which the jobs end, and that a look takes.
FIRST, LAST, LATENCY = 60, 1200, 0.05
LISTED, ROUNDS = 100_000, 3
START = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
#: Seconds between two looks where few are under way, as `staging.yaml` says.
POLL = 15.0
PROMISED_WAIT, PROMISED_SECONDS, PROMISED_MIB = 240.0, 2.0, 32.0


@dataclass
class Simulation:
    """SageMaker and its clock: when each job ends, and how often it was asked."""

    ends: dict[str, float]
    now: float = 0.0
    asked: Counter[int] = field(default_factory=Counter)
    noticed: dict[str, float] = field(default_factory=dict)
    #: What each look waits for, as the gateway's does.
    limiter: Limiter = field(default_factory=Unlimited)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def moment(self) -> dt.datetime:
        """Return the time."""
        return START + dt.timedelta(seconds=self.now)

    def describe(self, _kind: str, name: str) -> Observation:
        """Answer one look."""
        self.limiter.wait("describe")
        self.now += LATENCY
        self.asked[int(self.now // 60)] += 1
        done = self.now >= self.ends[name]
        status = "Completed" if done else "InProgress"
        meaning = Meaning.SUCCEEDED if done else Meaning.IN_PROGRESS
        return Observation(status, meaning, "", f"arn:{name}", {})

    def told(self, text: str) -> None:
        """Hear of an end."""
        name, _, state = text.partition(": ")
        if state == "succeeded":
            self.noticed[name] = self.now - self.ends[name]


def runs() -> list[dict[str, object]]:
    """Return a run of each model."""
    return [
        {
            "run_id": f"r{number}",
            "model": f"model_{number}",
            "environment": "staging",
            "run_date": START.date(),
            "parameters": {},
            "state": "running",
            "created_at": START,
            "changed_at": START,
        }
        for number in range(MODELS)
    ]


def operations(count: int, state: str) -> Iterator[dict[str, object]]:
    """Yield so many operations, with payloads of the usual size."""
    inputs = [{"ChannelName": f"c{n}", "S3Uri": "s3://b/" + "k" * 80} for n in range(6)]
    for number in range(count):
        name = f"staging-model-train-{number}"
        yield {
            "key": f"staging/model/train/{number}",
            "run_id": f"r{number % MODELS}",
            "resource": "training_job",
            "call": "CreateTrainingJob",
            "name": name,
            "digest": f"sha256:{number:064d}",
            "payload": {
                "TrainingJobName": name,
                "InputDataConfig": inputs,
                "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            },
            "owner": {},
            "state": state,
            "created_at": START,
            "changed_at": START,
        }


def fill(database: Database, count: int, state: str) -> None:
    """Migrate an empty database, and write the operations."""
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(insert(Run.__table__), runs())  # type: ignore[arg-type]
        rows = [*operations(count, state)]
        for at in range(0, count, 5000):
            connection.execute(insert(Operation.__table__), rows[at : at + 5000])  # type: ignore[arg-type]


def reconciled(promises: Promises, url: str, kind: str, locks: Path) -> None:
    """Reconcile until every end was noticed."""
    database = Database(url)
    fill(database, UNDER_WAY, "submitted")
    draw = random.Random(7)  # noqa: S311 - no secret
    names = [str(row["name"]) for row in operations(UNDER_WAY, "submitted")]
    made = Simulation({name: draw.uniform(FIRST, LAST) for name in names})
    made.limiter = Budget(
        database, "1/eu", sleep=made.sleep, now=lambda: literal(made.now)
    )
    rate = RATES["describe"]
    pace = Pace(POLL, rate.steady, sleep=made.sleep, draw=draw.random)
    store = Store(database, now=made.moment)
    estate = Estate("staging", "b", store, made, None, pace, locks)  # type: ignore[arg-type]
    began = time.perf_counter()
    while len(made.noticed) < UNDER_WAY:
        made.sleep(reconcile(estate, made.told).wait)
    took = time.perf_counter() - began
    database.engine.dispose()
    most, allowed = max(made.asked.values()), rate.steady * 60 + rate.burst
    waits = sorted(made.noticed.values())
    calls = sum(made.asked.values())
    promises.judge(
        most <= allowed and waits[-1] <= PROMISED_WAIT,
        f"{kind:<10} {UNDER_WAY:,} under way: at most {most} looks a minute (budget:"
        f" {allowed:.0f}), an end is noticed after {waits[len(waits) // 2]:.0f} s, at the"
        f" longest {waits[-1]:.0f} s (promised: {PROMISED_WAIT:.0f})",
    )
    say(
        f"       {kind:<10} {calls:,} looks in {made.now:,.0f} simulated seconds, in"
        f" {took:.1f} s"
    )


def listed(promises: Promises, url: str, kind: str) -> None:
    """List a large ledger in a process of its own."""
    database = Database(url)
    fill(database, LISTED, "succeeded")
    database.engine.dispose()
    command = [sys.executable, __file__, url]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = json.loads(found.stdout)
    promises.judge(
        seen["lines"] == LISTED
        and seen["seconds"] <= PROMISED_SECONDS
        and seen["mib"] <= PROMISED_MIB,
        f"{kind:<10} {seen['lines']:,} listed with their states in {seen['seconds']:.2f} s"
        f" (promised: {PROMISED_SECONDS:.0f}), {seen['mib']:.0f} MiB more at the peak"
        f" (promised: {PROMISED_MIB:.0f})",
    )


def read(url: str) -> None:
    """List everything; print how long the fastest round took, and what it needed."""
    database, wanted = Database(url), Wanted("staging")
    next(every_operation(database, wanted, page=1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        lines = sum(1 for line in every_operation(database, wanted) if line.state)
        rounds.append(time.perf_counter() - began)
    took = min(rounds)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"lines": lines, "seconds": took, "mib": (after - before) / 1024}
    sys.stdout.write(json.dumps(found))


def main() -> int:
    """Measure on SQLite, then on PostgreSQL."""
    promises = Promises()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_postgres())
        urls: dict[str, Callable[[str], str]] = {
            "sqlite": lambda name: f"sqlite:///{folder}/{name}.db",
            "postgresql": server.create_database,
        }
        for kind, url in urls.items():
            reconciled(promises, url("load"), kind, folder / "locks")
            listed(promises, url("list"), kind)
    return promises.exit_code


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read(sys.argv[1])
    else:
        sys.exit(main())
