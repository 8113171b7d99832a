"""The demo's tables, written to the local lake."""

import hashlib
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from slipway.application.workspace import Workspace
from slipway.digests import digest_of, digest_of_file
from slipway.errors import InvalidRequestError
from slipway.s3.layout import lake_table
from slipway.s3.objects import Objects
from slipway.s3.uri import S3Uri
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.terminal import Terminal

_FILE = "part-00000.parquet"


@dataclass(frozen=True)
class SeededTable:
    """A table of the demo's warehouse."""

    name: str
    rows: int
    #: What S3 calls the content of its one file.
    etag: str
    #: False: the same rows were there.
    written: bool


def seed_lake(workspace: Workspace) -> list[SeededTable]:
    """Write the demo's tables to the environment's lake, where they differ.

    A record of the last seed saves making them only to find that nothing differs.
    """
    environment = workspace.settings.environment
    warehouse, objects = environment.warehouse, workspace.objects
    if warehouse.kind != "lake":
        message = (
            f"The environment {environment.name!r} has no lake: only local has one"
        )
        raise InvalidRequestError(message)
    objects.ensure_bucket(environment.bucket)
    lake = S3Uri(environment.bucket, warehouse.prefix)
    record = S3Uri(environment.bucket, f"{warehouse.prefix}.seed.json")
    recorded = _recorded(objects, record)
    if recorded and all(_is_there(objects, lake, table) for table in recorded):
        return recorded
    from slipway.tasks.warehouse_data import parquet_files  # late: scikit-learn

    seeded = [
        _write(objects, lake, name, content, rows)
        for name, (content, rows) in parquet_files().items()
    ]
    tables = [asdict(replace(table, written=False)) for table in seeded]
    objects.write_json(record, {"source": _source(), "tables": tables})
    return seeded


def _recorded(objects: Objects, record: S3Uri) -> list[SeededTable]:
    """Return the tables of the last seed, if the same code would make them again."""
    if not objects.exists(record):
        return []
    found = objects.read_json(record)
    if found["source"] != _source():
        return []
    return [SeededTable(**table) for table in found["tables"]]


def _source() -> str:
    """Return the digest of what the tables are made by."""
    code = digest_of_file(Path(__file__).with_name("warehouse_data.py"))
    return digest_of([code, version("scikit-learn"), version("pyarrow")])


def _write(
    objects: Objects, lake: S3Uri, name: str, content: bytes, rows: int
) -> SeededTable:
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    seeded = SeededTable(name, rows, etag, written=True)
    if _is_there(objects, lake, seeded):
        return replace(seeded, written=False)
    objects.write(lake_table(lake.bucket, lake.key, name) / _FILE, content)
    return seeded


def _is_there(objects: Objects, lake: S3Uri, table: SeededTable) -> bool:
    uri = lake_table(lake.bucket, lake.key, table.name) / _FILE
    return any(item.etag == table.etag for item in objects.list(uri))


def seed_warehouse() -> Answer:
    """Fill the local warehouse, and tell what was written."""
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        workspace.start_stack(terminal.say)
    tables = seed_lake(workspace)
    shown = (
        f"{table.name}: {table.rows} rows,"
        f" {'written' if table.written else 'there already'}"
        for table in tables
    )
    return Answer({"tables": [asdict(table) for table in tables]}, tuple(shown))
