from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.quality import uniqueness
from slipway.quality.rising import Rising
from slipway.quality.uniqueness import repeated_values


@pytest.mark.parametrize("rows_per_pass", [3, 1000])
def test_repeated_values_are_counted_across_files_and_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_pass: int
) -> None:
    monkeypatch.setattr(uniqueness, "ROWS_PER_PASS", rows_per_pass)
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(pa.table({"id": [1, 2, 3, 4], "x y": [10, 20, 30, None]}), files[0])
    pq.write_table(pa.table({"id": [5, 6, 7, 8], "x y": [40, 20, 10, None]}), files[1])

    found = repeated_values(files, "x y", key="id")

    assert found.rows == 4
    assert found.sample == ((1, 10), (7, 10), (2, 20), (6, 20))


@pytest.mark.parametrize(
    ("batches", "holds"),
    [
        ([[1, 2], [3]], True),
        ([[1, 2], [2]], False),
        ([[1, 1]], False),
        ([[2, 1]], False),
        ([[1], [], [2]], True),
        ([[1, None], [2]], False),
        ([[]], True),
    ],
)
def test_a_rising_stream_repeats_nothing(
    batches: list[list[int | None]], holds: bool
) -> None:
    rising = Rising()

    for values in batches:
        rising.observe(pa.array(values, pa.int64()))

    assert rising.holds is holds
