"""Extract from PostgreSQL to Parquet against pandas: time, memory, and their ratios.

The server is real and local. Each side runs in a process of its own: `extract` is the
image's command as a processing job runs it (credentials from Secrets Manager, every
expectation checked, digests computed), the other side is `pandas.read_sql` followed by
`to_parquet`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import boto3
from moto.server import ThreadedMotoServer

from slipway.testing.postgres import PostgresServer, running_postgres, write_secret

MODEL = """\
name: payments
owner: benchmarks@example.com
description: A table of ten columns
key: id
target: is_late
sql:
  parameters:
    rows: {type: integer}
columns:
  id: {type: integer, unique: true, range: [1, null]}
  shop: {type: integer, range: [0, 1000]}
  amount: {type: number, range: [0, null]}
  price: {type: number}
  customer: {type: string}
  city: {type: string, allowed: [Paris, Lyon, Nantes, Lille]}
  paid_on: {type: date, freshness: 9999d}
  paid_at: {type: timestamp}
  is_late: {type: boolean}
  score: {type: number, nullable: true, range: [0, 1]}
"""
COLUMNS = "id, shop, amount, price, customer, city, paid_on, paid_at, is_late, score"
SCRIPT = f"SELECT {COLUMNS} FROM payments WHERE id <= :rows\n"  # noqa: S608  # constants
TABLE = """
CREATE UNLOGGED TABLE payments AS SELECT
  i::bigint AS id, (i % 1000)::int AS shop, i * 0.37::float8 AS amount,
  (i % 90000 * 1.19)::numeric(12, 2) AS price, 'customer ' || i % 500000 AS customer,
  (ARRAY['Paris', 'Lyon', 'Nantes', 'Lille'])[i % 4 + 1] AS city,
  date '2020-01-01' + i % 2000 AS paid_on,
  timestamp '2020-01-01' + i * interval '1 second' AS paid_at, i % 7 = 0 AS is_late,
  CASE WHEN i % 10 > 0 THEN i % 1000 / 1000.0::float8 END AS score
FROM generate_series(1, {rows}) AS i;
"""
#: What a data scientist writes without a platform.
PANDAS = """
import sys, pandas, sqlalchemy
address, script, folder = sys.argv[1:]
engine = sqlalchemy.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
pandas.read_sql(script, engine).to_parquet(f"{folder}/pandas.parquet")
"""
#: moto takes any key.
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
REGION = "eu-west-1"


@dataclass(frozen=True)
class Measured:
    """What one process took."""

    #: From start to end, interpreter and imports included.
    seconds: float
    #: What it computed on all cores; the server's own work is not in it.
    cpu_seconds: float
    #: Its largest resident memory.
    mebibytes: float


def main(arguments: Sequence[str]) -> int:
    """Measure both sides, print the table, and return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="the median counts")
    asked = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="slipway-bench-") as name,
        running_postgres() as server,
        running_moto() as endpoint,
    ):
        folder = Path(name)
        server.execute(TABLE.format(rows=asked.rows))
        server.execute("VACUUM ANALYZE payments")
        prepare(folder, server, endpoint)
        rounds = [
            (
                extract(folder, endpoint, asked.rows // 3),
                extract(folder, endpoint, asked.rows),
                read_sql(folder, server, asked.rows),
            )
            for _ in range(asked.rounds)
        ]
    return report(asked.rows, rounds)


@contextmanager
def running_moto() -> Iterator[str]:
    """Yield the address of a Secrets Manager."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    try:
        yield "http://{}:{}".format(*moto.get_host_and_port())
    finally:
        moto.stop()


def prepare(folder: Path, server: PostgresServer, endpoint: str) -> None:
    """Write the model's folder, and the secret that its extract logs in with."""
    model = folder / "models/payments"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text(MODEL)
    (model / "extract.sql").write_text(SCRIPT)
    client = boto3.client(
        "secretsmanager",
        REGION,
        endpoint_url=endpoint,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    write_secret(client, "warehouse", server.create_reader("reader", "p@ss/word"))


def extract(folder: Path, endpoint: str, rows: int) -> Measured:
    """Run the extract command for `rows` rows as a processing job does."""
    root = folder / str(rows)
    parameters = root / "processing/input/parameters/parameters.json"
    parameters.parent.mkdir(parents=True, exist_ok=True)
    warehouse = {"kind": "postgresql", "secret_id": "warehouse", "region": REGION}
    asked = {"parameters": {"rows": rows}, "run_date": "2026-01-31"}
    parameters.write_text(json.dumps({**asked, "warehouse": warehouse}))
    environ = {
        **KEYS,
        "AWS_ENDPOINT_URL": endpoint,
        "PYTHONPATH": str(folder / "models"),
        "SAGEMAKER_BASE_DIR": str(root),
        "SLIPWAY_MODEL": "payments",
    }
    measured = measure(["-m", "slipway.container", "extract"], environ)
    quality = json.loads((root / "processing/output/extract/quality.json").read_text())
    if (quality["rows"], quality["passed"]) != (rows, True):
        sys.exit(f"The extract is not whole: {quality}")
    return measured


def read_sql(folder: Path, server: PostgresServer, rows: int) -> Measured:
    """Run what a data scientist writes without a platform."""
    script = SCRIPT.replace(":rows", str(rows))
    return measure(["-c", PANDAS, server.uri, script, str(folder)], {})


def measure(arguments: Sequence[str], environ: Mapping[str, str]) -> Measured:
    """Run Python with `arguments` in a process of its own, and measure that process."""
    started = time.perf_counter()
    process = subprocess.Popen(  # our own interpreter and arguments
        [sys.executable, *arguments],
        env={"PATH": os.environ["PATH"], **environ},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments[:3]} ended with {process.returncode}")
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu_seconds, usage.ru_maxrss / 1024)


def report(rows: int, rounds: Sequence[tuple[Measured, Measured, Measured]]) -> int:
    """Print every round, and the promises by the median of the rounds' ratios."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    say(f"{os.cpu_count()} CPUs, load over 1, 5 and 15 minutes {load}")
    names = (
        f"slipway, {rows // 3:,} rows",
        f"slipway, {rows:,} rows",
        "pandas, the same",
    )
    for number, measured in enumerate(rounds, start=1):
        for name, one in zip(names, measured, strict=True):
            wall = f"{one.seconds:6.1f} s {one.cpu_seconds:6.1f} s CPU"
            say(f"round {number}  {name:26}{wall}{one.mebibytes:7.0f} MiB")
    faster = median(pandas.seconds / large.seconds for _, large, pandas in rounds)
    growth = median(large.mebibytes / small.mebibytes for small, large, _ in rounds)
    peak = max(large.mebibytes for _, large, _ in rounds)
    promises = {
        f"{faster:.1f} x faster than pandas (promised: 4)": faster >= 4,
        f"{peak:.0f} MiB at the peak (promised: 300 at most)": peak <= 300,
        f"{growth:.2f} x the memory for 3 x the rows (promised: 1.1)": growth <= 1.1,
    }
    for text, kept in promises.items():
        say(f"{'kept  ' if kept else 'BROKEN'} {text}")
    return 0 if all(promises.values()) else 1


def say(line: str) -> None:
    """Print a line of the report."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
