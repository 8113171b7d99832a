"""What a payload and a transition cost: microseconds and milliseconds.

    python platform/benchmarks/controller.py

Every figure is the median of many calls in one process; the ratios are to what the
same machine needs at the same time for a plain insert and commit, and for a JSON dump.
"""

import datetime as dt
import itertools
import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from slipway.controller import machine
from slipway.controller.orm import Run
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Store
from slipway.payloads.files import environment_layer, model_layer, platform_layer
from slipway.payloads.jobs import Job, Owner, training_job
from slipway.s3.uri import S3Uri
from slipway.sagemaker.shapes import violations
from slipway.settings import load_settings
from slipway.spec import load_spec

ROOT = Path(__file__).parents[2]
CALLS = 300
#: Rows that are fired to see what each of them keeps in memory.
ROWS = 10_000
#: What firing one trigger may cost.
MOST_SECONDS, MOST_BYTES = 60e-6, 200


def median(call: Callable[[], object], calls: int = CALLS) -> float:
    """Return the median seconds of one call, after a tenth as many to warm up."""
    for _ in range(calls // 10):
        call()
    seconds = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def payloads() -> None:
    """Build and validate the example model's training payload."""
    folder = ROOT / "models" / "tumor_malignancy"
    spec = load_spec(folder)
    settings = load_settings(ROOT, "local", {})
    owner = Owner("local", spec.name, "sha256:" + "0" * 64)
    job = Job("local-tumor-malignancy-train-1", "r/slipway/t:1", owner)
    prefix = S3Uri("slipway-local", "local/tumor_malignancy/runs/1/features/")

    def build() -> dict[str, object]:
        layers = (
            platform_layer(),
            environment_layer(settings),
            model_layer(spec, folder, "train"),
        )
        return training_job(
            job,
            layers,
            channels=dict.fromkeys(("train", "validation", "test"), prefix),
            output=prefix,
        ).payload

    payload = build()
    built = median(build)
    valid = median(lambda: violations("sagemaker", "CreateTrainingJob", payload))
    dumped = median(lambda: json.dumps(payload))
    show("payload: build from its layers", built, dumped, "json.dumps of it")
    show(
        "payload: validate against botocore's model", valid, dumped, "json.dumps of it"
    )


def firing() -> bool:
    """Fire one trigger in memory; return whether its time and memory are as promised.

    What is held to the promise is `transitions` itself, which a process asks once for
    each arrow; what every other firing takes is printed beside it.
    """
    fire = machine._target.__wrapped__  # noqa: SLF001 - without what is remembered
    fired = median(lambda: fire("run", "running", "stop"), CALLS * 10)
    known = median(lambda: machine.next_state("run", "running", "stop"), CALLS * 10)
    rows: list[str | None] = ["running"] * ROWS
    tracemalloc.start()
    before, _peak = tracemalloc.get_traced_memory()
    for number, state in enumerate(rows):
        rows[number] = fire("run", str(state), "stop")
    after, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    each = (after - before) / ROWS
    promised(
        fired <= MOST_SECONDS,
        f"firing takes {fired * 1e6:.1f} µs the first time (at most 60),"
        f" {known * 1e6:.1f} µs from then on",
    )
    promised(each <= MOST_BYTES, f"firing keeps {each:.1f} bytes a row (at most 200)")
    return fired <= MOST_SECONDS and each <= MOST_BYTES


def transitions(folder: Path) -> None:
    """Fire one trigger, in memory and on disk."""
    fired = median(lambda: machine.next_state("run", "running", "stop"), CALLS * 10)
    database = Database(f"sqlite:///{folder}/controller.db")
    migrate(database)
    store = Store(database)
    run = store.add(
        Run(
            run_id="r1",
            model="m",
            environment="local",
            run_date=dt.date(2026, 1, 31),
            parameters={},
        )
    )
    trigger = itertools.cycle(["stop", "resume"])
    row = [run]

    def advance() -> None:
        row[0] = store.advance(row[0], next(trigger))

    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE plain (id INTEGER PRIMARY KEY, a TEXT)"))

    def insert() -> None:
        with database.engine.begin() as connection:
            connection.execute(text("INSERT INTO plain (a) VALUES ('x')"))

    plain, advanced = median(insert), median(advance)
    show("transition: legality alone", fired, plain, "an insert with its commit")
    show("transition: durable, with its history", advanced, plain, "the same")


def promised(kept: bool, what: str) -> None:
    """Print whether a promise is kept."""
    sys.stdout.write(f"{'kept  ' if kept else 'BROKEN'} {what}\n")


def show(what: str, seconds: float, beside: float, other: str) -> None:
    """Print one figure, and its ratio to another of the same run."""
    took = f"{seconds * 1e6:,.0f} µs"
    sys.stdout.write(f"{what:<44}{took:>12}  {seconds / beside:6.2f} x {other}\n")


if __name__ == "__main__":
    payloads()
    with tempfile.TemporaryDirectory() as temporary:
        transitions(Path(temporary))
    sys.exit(0 if firing() else 1)
