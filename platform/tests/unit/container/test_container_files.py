import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.container.files import (
    FileRecord,
    new_file,
    read_json,
    record_of,
    write_bytes,
)
from slipway.container.manifest import (
    read_manifest,
    refuse_unlisted,
    verify_files,
    write_manifest,
)
from slipway.container.parquet import PartWriter, write_table
from slipway.errors import IntegrityError, InvalidRequestError

SCHEMA = pa.schema([("a", pa.int64())])


def batches(*sizes: int) -> list[pa.RecordBatch]:
    return [pa.record_batch([pa.array(range(size))], schema=SCHEMA) for size in sizes]


def test_a_digest_is_computed_while_the_file_is_written(tmp_path: Path) -> None:
    record = write_bytes(tmp_path / "deep/file", b"content")

    assert record == FileRecord(hashlib.sha256(b"content").hexdigest(), 7)
    assert record_of(tmp_path / "deep/file") == record


def interrupted_write(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"half of")
        raise KeyboardInterrupt


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted_write(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", "\xff"])
def test_json_that_is_no_object_is_an_error_that_names_it(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "x.json").write_text(text, encoding="latin-1")

    with pytest.raises(InvalidRequestError, match=r"The parameters .*x\.json"):
        read_json(tmp_path / "x.json", what="The parameters")


@pytest.mark.parametrize(
    ("sizes", "rows"),
    [((10, 10, 5), [10, 10, 5]), ((25,), [10, 10, 5]), ((7, 7), [10, 4]), ((), [0])],
)
def test_parts_hold_a_bounded_number_of_rows(
    tmp_path: Path, sizes: tuple[int, ...], rows: list[int]
) -> None:
    files = PartWriter(tmp_path, SCHEMA, 10).write(iter(batches(*sizes)))

    assert [record.rows for record in files.values()] == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == list(files)
    assert pq.read_table(tmp_path).num_rows == sum(sizes)
    assert all(
        record_of(tmp_path / name).sha256 == file.sha256 for name, file in files.items()
    )


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", None]})

    assert write_table(tmp_path / "1", table) == write_table(tmp_path / "2", table)


def manifest_of(folder: Path) -> dict[str, object]:
    record = write_bytes(folder / "a/b.bin", b"content")
    write_manifest(folder, {"model": "toy"}, {"a/b.bin": record})
    files: dict[str, object] = read_manifest(folder, what="The artifact")["files"]
    return files


def test_a_folder_as_its_manifest_says_is_verified(tmp_path: Path) -> None:
    files = manifest_of(tmp_path)

    verify_files(tmp_path, files)
    refuse_unlisted(tmp_path, files)


@pytest.mark.parametrize("content", [b"contenT", b"content+", b""])
def test_a_changed_file_is_refused(tmp_path: Path, content: bytes) -> None:
    files = manifest_of(tmp_path)
    (tmp_path / "a/b.bin").write_bytes(content)

    with pytest.raises(IntegrityError, match=r"b\.bin is not the file of the manifest"):
        verify_files(tmp_path, files)


def test_a_missing_or_linked_file_is_refused(tmp_path: Path) -> None:
    files = manifest_of(tmp_path)
    moved = (tmp_path / "a/b.bin").rename(tmp_path / "c.bin")
    with pytest.raises(IntegrityError, match="no such file"):
        verify_files(tmp_path, files)

    (tmp_path / "a/b.bin").symlink_to(moved)
    with pytest.raises(IntegrityError, match="no such file"):
        verify_files(tmp_path, files)


def test_an_unlisted_file_is_refused(tmp_path: Path) -> None:
    files = manifest_of(tmp_path)
    (tmp_path / "a/extra.pkl").write_bytes(b"x")

    with pytest.raises(IntegrityError, match=r"'a/extra\.pkl', which its manifest"):
        refuse_unlisted(tmp_path, files)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x"])
def test_a_manifest_cannot_name_a_file_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(IntegrityError, match="outside"):
        verify_files(tmp_path, {name: {"sha256": "", "bytes": 0}})


def test_a_folder_without_a_manifest_or_of_another_format_is_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(IntegrityError, match="The extract is incomplete"):
        read_manifest(tmp_path, what="The extract")

    (tmp_path / "manifest.json").write_text('{"format": 2, "files": {}}')
    with pytest.raises(IntegrityError, match="format 2"):
        read_manifest(tmp_path, what="The extract")
