"""The demo's tables, written to the local lake."""

import hashlib
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from slipway.errors import InvalidRequestError
from slipway.s3.layout import lake_table
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.terminal import Terminal
from slipway.tasks.warehouse_data import wisconsin_tables
from slipway.tasks.workspace import Workspace


@dataclass(frozen=True)
class SeededTable:
    """A table of the demo's warehouse."""

    name: str
    rows: int
    #: False: the same rows were there.
    written: bool


def seed_lake(workspace: Workspace) -> list[SeededTable]:
    """Write the demo's tables to the environment's lake, where they differ."""
    environment = workspace.settings.environment
    warehouse = environment.warehouse
    if warehouse.kind != "lake":
        message = (
            f"The environment {environment.name!r} has no lake: only local has one"
        )
        raise InvalidRequestError(message)
    workspace.objects.ensure_bucket(environment.bucket)
    seeded = []
    for name, table in wisconsin_tables().items():
        content = _parquet(table)
        uri = (
            lake_table(environment.bucket, warehouse.prefix, name)
            / "part-00000.parquet"
        )
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        there = any(item.etag == etag for item in workspace.objects.list(uri))
        if not there:
            workspace.objects.write(uri, content)
        seeded.append(SeededTable(name, table.num_rows, written=not there))
    return seeded


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def seed_warehouse() -> Answer:
    """Fill the local warehouse, and tell what was written."""
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        workspace.start_stack(terminal)
    tables = seed_lake(workspace)
    shown = (
        f"{table.name}: {table.rows} rows,"
        f" {'written' if table.written else 'there already'}"
        for table in tables
    )
    return Answer({"tables": [asdict(table) for table in tables]}, tuple(shown))
