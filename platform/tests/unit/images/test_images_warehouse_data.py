"""The demo warehouse's tables, and the SQL that documents them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sqlglot
from sqlglot import exp

from slipway.tasks.warehouse_data import FIRST_DAY, wisconsin_tables

ROOT = Path(__file__).resolve().parents[4]
#: The Arrow type of each column type that the SQL names.
TYPES = {
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return wisconsin_tables()


def test_the_tables_are_the_same_at_each_call(tables: dict[str, pa.Table]) -> None:
    again = wisconsin_tables()
    assert all(again[name].equals(table) for name, table in tables.items())


def test_there_are_569_patients_of_whom_212_have_a_malignant_mass(
    tables: dict[str, pa.Table],
) -> None:
    diagnoses = tables["diagnoses"]
    assert diagnoses.num_rows == tables["measurements"].num_rows == 569
    assert pc.sum(diagnoses["malignant"]).as_py() == 212
    assert diagnoses["patient_id"].equals(tables["measurements"]["patient_id"])
    assert pc.count_distinct(diagnoses["patient_id"]).as_py() == 569


def test_a_diagnosis_comes_one_to_twenty_one_days_after_its_measurement(
    tables: dict[str, pa.Table],
) -> None:
    measured = tables["measurements"]["measured_at"].to_pylist()
    diagnosed = tables["diagnoses"]["diagnosed_at"].to_pylist()
    waits = [(b - a).days for a, b in zip(measured, diagnosed, strict=True)]
    assert min(waits) >= 1
    assert max(waits) <= 21
    assert min(measured) >= FIRST_DAY
    assert max(diagnosed).year == 2025


@pytest.mark.parametrize("name", ["measurements", "diagnoses"])
def test_the_sql_declares_the_columns_that_the_table_has(
    tables: dict[str, pa.Table], name: str
) -> None:
    text = (ROOT / "sql" / "warehouse" / f"{name}.sql").read_text()
    (statement,) = sqlglot.parse(text, dialect="postgres")
    assert isinstance(statement, exp.Create)
    declared = {
        column.name: TYPES[column.kind.this.name]
        for column in statement.find_all(exp.ColumnDef)
        if column.kind is not None
    }
    schema = tables[name].schema
    assert declared == dict(zip(schema.names, schema.types, strict=True))
