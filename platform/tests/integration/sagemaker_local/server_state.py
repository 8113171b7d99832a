"""Everything that a server has kept, to be compared before and after a request."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

#: Files whose bytes say nothing: the databases are read as tables.
_DATABASE = (".sqlite", ".sqlite-wal", ".sqlite-shm")


def state_of(folder: Path) -> dict[str, Any]:
    """Return every row of every database in a state folder, and every other file."""
    kept: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".sqlite":
            kept.update(_tables(path, name))
        elif path.suffix not in _DATABASE:
            kept[name] = path.stat().st_size if path.is_file() else None
    return kept


def _tables(path: Path, name: str) -> dict[str, list[str]]:
    address = f"file:{path}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [row[0] for row in connection.execute(names)]
        return {
            f"{name}:{table}": sorted(
                repr(row)
                for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608  # own
            )
            for table in tables
        }
