from pathlib import Path

import psycopg
import pytest

from slipway.tasks.warehouse_data import wisconsin_tables
from slipway.testing.checkout import checkout
from slipway.testing.postgres import running_postgres, write_secret

SOURCE = Path(__file__).parents[4]
MODEL, DATE = "tumor_malignancy", "2026-01-31"
SECRET, PASSWORD = "slipway/local/warehouse", "p@ss word"
LAKE = "  kind: lake\n  prefix: warehouse\n"
SERVER = f"  kind: postgresql\n  secret_id: {SECRET}\n"


@pytest.fixture
def warehouse():
    """A real server with the demo's tables, and a role that may only read them."""
    with running_postgres() as server:
        with psycopg.connect(server.uri, autocommit=True) as connection:
            for name, table in wisconsin_tables().items():
                schema = SOURCE / "sql" / "warehouse" / f"{name}.sql"
                connection.execute(schema.read_bytes())
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    for row in table.to_pylist():
                        copy.write_row(list(row.values()))
        yield server.create_reader("slipway_reader", PASSWORD)


@pytest.fixture
def home(tmp_path, warehouse):
    """A checkout whose local environment names that warehouse by its secret."""
    with checkout(tmp_path / "checkout", SOURCE, "process") as made:
        environment = made.root / "platform" / "environments" / "local.yaml"
        text = environment.read_text()
        assert LAKE in text
        environment.write_text(text.replace(LAKE, SERVER))
        assert made.invoke("local.up").exit_code == 0
        write_secret(made.client("secretsmanager"), SECRET, warehouse)
        yield made


def test_a_model_goes_from_postgresql_to_a_registered_version(home):
    outcome = home.invoke("run", "--model", MODEL, "--date", DATE, "--json")

    assert outcome.exit_code == 0, outcome.errors
    extract = outcome.data["steps"][0]
    assert extract["outputs"]["rows"] == 569
    [job] = home.client("sagemaker").list_processing_jobs(NameContains="extract")[
        "ProcessingJobSummaries"
    ]
    described = home.client("sagemaker").describe_processing_job(
        ProcessingJobName=job["ProcessingJobName"]
    )
    assert PASSWORD not in str(described)


def test_a_secret_that_is_not_there_is_named(home):
    home.client("secretsmanager").delete_secret(
        SecretId=SECRET, ForceDeleteWithoutRecovery=True
    )

    outcome = home.invoke("run", "--model", MODEL, "--date", DATE)

    assert outcome.exit_code == 1
    assert SECRET in outcome.errors
