"""Transitions a second, each with its history: one process beside eight.

    python platform/benchmarks/transition_rate.py [--processes 8] [--transitions 300]

Every process moves a row of its own, back and forth; all of them share one database, and
every transition is on disk before the next one. The clock runs from the moment at which
all of them are ready until the last one has finished.
"""

import argparse
import itertools
import multiprocessing
import tempfile
import time
from multiprocessing.synchronize import Barrier

from slipway.controller.schema import migrate
from slipway.controller.store import Database, Store
from slipway.testing.postgres import running_postgres
from slipway.testing.rows import run_row


def move(url: str, run_id: str, count: int, ready: Barrier) -> None:
    """Make one row's transitions."""
    store = Store(Database(url))
    row = store.add(run_row(run_id))
    ready.wait()
    for trigger in itertools.islice(itertools.cycle(["stop", "resume"]), count):
        row = store.advance(row, trigger)


def rate(url: str, prefix: str, processes: int, count: int) -> float:
    """Return the transitions a second of so many processes together."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(processes + 1)
    started = [
        spawn.Process(target=move, args=(url, f"{prefix}-{number}", count, ready))
        for number in range(processes)
    ]
    for process in started:
        process.start()
    ready.wait()
    began = time.perf_counter()
    for process in started:
        process.join()
    seconds = time.perf_counter() - began
    if any(process.exitcode for process in started):
        raise SystemExit(1)
    return processes * count / seconds


def compared(name: str, url: str, options: argparse.Namespace) -> None:
    """Print the rates of one process and of many."""
    database = Database(url)
    migrate(database)
    database.engine.dispose()
    alone = rate(url, "alone", 1, options.transitions)
    many = rate(url, "many", options.processes, options.transitions)
    print(
        f"{name:<11} 1 process {alone:6,.0f} transitions/s,"
        f" {options.processes} processes {many:6,.0f} transitions/s:"
        f" {many / alone:.2f} x",
        flush=True,
    )


def main() -> None:
    """Measure SQLite and PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--transitions", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compared("SQLite", f"sqlite:///{folder}/controller.db", options)
    with running_postgres() as server:
        compared("PostgreSQL", server.create_database("transitions"), options)


if __name__ == "__main__":
    main()
