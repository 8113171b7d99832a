"""A model's fixtures, read and laid out."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.container.paths import Paths
from slipway.errors import InvalidRequestError
from slipway.images.fixtures import read_fixtures


@pytest.fixture
def model(tmp_path: Path) -> Path:
    fixtures = tmp_path / "churn" / "fixtures"
    (fixtures / "warehouse").mkdir(parents=True)
    (fixtures / "warehouse" / "visits.csv").write_text("id,day\n1,2026-01-02\n")
    (fixtures / "parameters.json").write_text(
        '{"run_date": "2026-01-31", "parameters": {}}'
    )
    (fixtures / "request.json").write_text('{"instances": [{"a": 1}]}')
    return tmp_path / "churn"


def test_a_table_is_laid_out_as_parquet_with_inferred_types(
    model: Path, tmp_path: Path
) -> None:
    paths = Paths.below(tmp_path / "ml")
    read_fixtures(model).lay_out(paths)
    table = pq.read_table(paths.warehouse / "visits")
    assert table.schema.types == [pa.int64(), pa.date32()]
    asked = json.loads(paths.parameters.read_text())
    assert asked["warehouse"] == {"kind": "lake"}
    assert asked["run_date"] == "2026-01-31"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("parameters.json", "{", "is not JSON"),
        ("parameters.json", "{}", "expected an object with parameters, run_date"),
        ("request.json", "[1]", "expected an object with instances"),
    ],
)
def test_a_broken_file_is_named(
    model: Path, name: str, text: str, complaint: str
) -> None:
    (model / "fixtures" / name).write_text(text)
    with pytest.raises(InvalidRequestError, match=rf"{name}: .*{complaint}"):
        read_fixtures(model)


@pytest.mark.parametrize("name", ["parameters.json", "request.json"])
def test_a_missing_file_is_named(model: Path, name: str) -> None:
    (model / "fixtures" / name).unlink()
    with pytest.raises(InvalidRequestError, match=f"{name}: there is no such file"):
        read_fixtures(model)


def test_a_warehouse_without_a_table_is_an_error(model: Path) -> None:
    (model / "fixtures" / "warehouse" / "visits.csv").unlink()
    with pytest.raises(InvalidRequestError, match="there is no CSV file"):
        read_fixtures(model)
