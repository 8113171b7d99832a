"""The rows to score, as files that a transform job splits into requests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from slipway.container.files import FileRecord, new_file
from slipway.container.parquet import write_table

#: Rows in one file, which is one object for the transform job to go on after.
ROWS_PER_PART = 100_000
#: The folder of JSON lines: what the model predicts from, one row a line.
LINES = "lines"
#: The folder of keys: one row for each line, in the same order.
KEYS = "keys"
#: What SageMaker adds to the name of an object whose answers it writes.
ANSWERED = ".out"

_ROWS_AT_ONCE = 10_000


def write_requests(folder: Path, table: pa.Table, key: str) -> dict[str, FileRecord]:
    """Write the rows of `table` as lines and keys below `folder`; return the files."""
    files: dict[str, FileRecord] = {}
    for number, first in enumerate(range(0, table.num_rows, ROWS_PER_PART)):
        part = table.slice(first, ROWS_PER_PART)
        lines, keys = _names(f"part-{number:05d}")
        files[lines] = _write_lines(folder / lines, part.drop_columns([key]))
        files[keys] = write_table(folder / keys, part.select([key]))
    return files


def parts_of(files: dict[str, Any]) -> list[str]:
    """Return the names of the parts that a manifest lists, without their endings."""
    return sorted(Path(name).stem for name in files if name.startswith(f"{LINES}/"))


def read_lines(folder: Path, part: str) -> Iterator[dict[str, Any]]:
    """Yield what the model was asked about, row by row of a part."""
    return json_lines(folder / _names(part)[0])


def read_keys(folder: Path, part: str) -> pa.Table:
    """Return the keys of a part's rows."""
    return pq.read_table(folder / _names(part)[1])


def answers_of(folder: Path, part: str) -> Path:
    """Return the file of a part's answers."""
    return folder / f"{part}.jsonl{ANSWERED}"


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file with one on each line."""
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)


def _names(part: str) -> tuple[str, str]:
    return f"{LINES}/{part}.jsonl", f"{KEYS}/{part}.parquet"


def _write_lines(path: Path, table: pa.Table) -> FileRecord:
    with new_file(path) as file:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            lines = (orjson.dumps(row) for row in batch.to_pylist())
            file.write(b"".join(line + b"\n" for line in lines))
    return file.record(table.num_rows)
