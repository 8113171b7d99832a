import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from slipway.container.extract import postgresql
from slipway.container.extract.credentials import Credentials, parse_secret
from slipway.container.extract.postgresql import Postgresql
from slipway.container.extract.query import Query
from slipway.container.extract.script import check_script
from slipway.container.extract.warehouse import read_ahead
from slipway.errors import InvalidRequestError, SlipwayError, UnavailableError
from slipway.spec import Parameter
from slipway.spec.parameter import Value
from slipway.testing.container_process import run_command
from slipway.testing.postgres import PostgresServer, running_postgres, write_secret

PASSWORD = "p@ss/w:rd '%20"  # of a server that lives for this test
MODEL = """\
name: people
owner: tests@example.com
description: Everybody
key: id
target: grade
sql:
  parameters:
    since: {type: date}
    name: {type: string}
columns:
  id: {type: integer, unique: true}
  name: {type: string}
  born: {type: date, nullable: true}
  seen_at: {type: timestamp}
  local_at: {type: timestamp}
  balance: {type: number, nullable: true, range: [-1, null]}
  ratio: {type: number}
  active: {type: boolean, nullable: true}
  grade: {type: string, allowed: [a, b]}
"""
SCRIPT = (
    "SELECT * FROM app.people WHERE born >= :since OR born IS NULL AND name <> :name\n"
)
TABLE = """
CREATE SCHEMA app;
CREATE TYPE grade AS ENUM ('a', 'b');
CREATE TABLE app.people (
  id bigint, name varchar(40), born date, seen_at timestamptz, local_at timestamp,
  balance numeric(20, 4), ratio real, active boolean, grade grade
);
INSERT INTO app.people VALUES
  (1, 'Zoë 漢字 😀', '2000-02-29', '2026-01-31 12:00+02', '2026-01-31 12:00', 12.3456, 0.5, true, 'a'),
  (2, 'O''Neil "\\', NULL, '1999-12-31 23:59:59.999999Z', '0001-01-01', NULL, -1.5, NULL, 'b'),
  (3, '', '1969-12-31', '2026-01-01Z', '2026-01-01', 1e15, 'NaN', false, 'b'),
  (4, 'old', '1900-01-01', '2026-01-01Z', '2026-01-01', 0, 0, false, 'b');
"""
READER: dict[str, Any] = {}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as running:
        running.execute(TABLE)
        READER.update(running.create_reader("reader", PASSWORD))
        yield running


@pytest.fixture(scope="module")
def warehouse(server: PostgresServer) -> Postgresql:
    assert server.uri
    return Postgresql(parse_secret("people", json.dumps(READER)))


def query(sql: str, **values: Value) -> Query:
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean"}
    declared = {
        name: Parameter.model_validate({"type": kinds[type(value)]})
        for name, value in values.items()
    }
    return Query(check_script(sql, declared), declared, values)


def rows(warehouse: Postgresql, asked: Query) -> list[dict[str, Any]]:
    with warehouse.stream(asked, 1000) as reader:
        return [row for batch in read_ahead(reader) for row in batch.to_pylist()]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    yield "http://{}:{}".format(*moto.get_host_and_port())
    moto.stop()


@pytest.fixture(scope="module")
def environ(endpoint: str, server: PostgresServer) -> dict[str, str]:
    """Return a job's environment: where Secrets Manager is, and no secret."""
    assert server.uri
    client = boto3.client(
        "secretsmanager", "eu-west-1", endpoint_url=endpoint,
        aws_access_key_id="test", aws_secret_access_key="test",  # moto takes any
    )  # fmt: skip
    write_secret(client, "people", READER)
    write_secret(client, "wrong", {**READER, "password": "not-the-pässword"})
    write_secret(client, "partial", {"host": "h", "password": PASSWORD})
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"AWS_ENDPOINT_URL": endpoint, **keys}


def extract(
    folder: Path,
    environ: dict[str, str],
    *,
    name: str = "people",
    script: str = SCRIPT,
) -> tuple[int, str, Path]:
    model = folder / "models/people"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text(MODEL)
    (model / "extract.sql").write_text(script)
    parameters = folder / "run/processing/input/parameters/parameters.json"
    parameters.parent.mkdir(parents=True)
    asked = {
        "parameters": {
            "since": "1950-01-01",
            "name": "nobody'; DROP TABLE app.people --",
        },
        "run_date": "2026-01-31",
        "warehouse": {"kind": "postgresql", "secret_id": name, "region": "eu-west-1"},
    }
    parameters.write_text(json.dumps(asked))
    code, output = run_command("extract", model, folder / "run", environ)
    return code, output, folder / "run/processing/output/extract"


def test_an_extract_from_postgresql_keeps_every_value(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    code, output, folder = extract(tmp_path, environ)

    assert code == 0, output
    table = pq.read_table(folder / "part-00000.parquet").sort_by("id")
    first, second, third = table.to_pylist()
    assert first == {
        "id": 1,
        "name": "Zoë 漢字 😀",
        "born": dt.date(2000, 2, 29),
        "seen_at": dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC),
        "local_at": dt.datetime(2026, 1, 31, 12),  # noqa: DTZ001  # the column has no zone
        "balance": 12.3456,
        "ratio": 0.5,
        "active": True,
        "grade": "a",
    }
    assert (second["born"], second["balance"], second["active"]) == (None, None, None)
    assert second["name"] == "O'Neil \"\\"
    assert (third["name"], third["balance"]) == ("", 1e15)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["rows"], manifest["warehouse"]) == (3, "postgresql")
    quality = json.loads((folder / "quality.json").read_text())
    failed = [check for check in quality["checks"] if not check["passed"]]
    assert [(check["column"], check["rule"]) for check in failed] == [
        ("ratio", "not_null")
    ]


def test_the_password_is_nowhere(tmp_path: Path, environ: dict[str, str]) -> None:
    code, output, _ = extract(tmp_path, environ, name="wrong")

    assert code == 1
    assert "PostgreSQL could not be read" in output
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    texts = [output, *(path.read_text(errors="replace") for path in written)]
    assert not [text for text in texts if "not-the-p" in text]


@pytest.mark.parametrize(
    ("secret", "reason", "code"),
    [
        (
            "peeple",
            "The secret 'peeple' cannot be read in eu-west-1: ResourceNotFound",
            2,
        ),
        ("partial", "The secret 'partial' lacks 'port', 'username', 'dbname'", 2),
    ],
)
def test_a_secret_that_does_not_do_says_so(
    tmp_path: Path, environ: dict[str, str], secret: str, reason: str, code: int
) -> None:
    found, output, _ = extract(tmp_path, environ, name=secret)

    assert found == code
    assert reason in output
    assert PASSWORD not in output


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT a FROM nothing", 'relation "nothing" does not exist'),
        ("SELECT nothing FROM app.people", 'column "nothing" does not exist'),
        ("SELECT CAST(name AS integer) AS n FROM app.people", "invalid input syntax"),
    ],
)
def test_what_the_server_refuses_is_a_fault_of_the_script(
    warehouse: Postgresql, sql: str, reason: str
) -> None:
    with pytest.raises(SlipwayError, match=reason):
        rows(warehouse, query(sql))


def test_the_session_cannot_write(
    server: PostgresServer, warehouse: Postgresql
) -> None:
    server.execute(
        "CREATE OR REPLACE FUNCTION app.add() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        " AS 'INSERT INTO app.people (id) VALUES (99) RETURNING id';"
        "GRANT USAGE ON SCHEMA app TO reader; GRANT EXECUTE ON FUNCTION app.add TO reader"
    )

    with pytest.raises(SlipwayError, match="read-only transaction"):
        rows(warehouse, query("SELECT app.add() AS id"))
    assert rows(warehouse, query("SELECT count(*) AS n FROM app.people")) == [{"n": 4}]


@pytest.mark.parametrize(
    "value",
    ["'", "''", "\\", "\\'", "$$", "a'; DROP TABLE app.people; --", "é\n\t😀", ""],
)
def test_any_text_reaches_the_server_as_a_value(
    warehouse: Postgresql, value: str
) -> None:
    assert rows(warehouse, query("SELECT :v AS v", v=value)) == [{"v": value}]


@pytest.mark.parametrize("value", [-5, 2**62, 1e-300, -1.5, 1e20, True, False])
def test_numbers_and_booleans_reach_the_server_in_their_types(
    warehouse: Postgresql, value: Value
) -> None:
    assert rows(warehouse, query("SELECT :v AS v", v=value)) == [{"v": value}]


def test_numeric_columns_leave_the_server_as_doubles_in_the_same_order(
    warehouse: Postgresql,
) -> None:
    asked = query(
        'SELECT id, balance AS "the Balance", name FROM app.people'
        " WHERE balance IS NOT NULL ORDER BY id DESC LIMIT 2"
    )

    with warehouse.stream(asked, 1000) as reader:
        assert str(reader.schema.field("the Balance").type) == "double"
        found = [row["the Balance"] for batch in reader for row in batch.to_pylist()]

    assert found == [0.0, 1e15]


def test_a_column_that_comes_twice_is_left_to_the_check(warehouse: Postgresql) -> None:
    asked = query("SELECT balance, balance FROM app.people")

    with warehouse.stream(asked, 1000) as reader:
        assert reader.schema.names == ["balance", "balance"]


def test_a_large_answer_comes_in_batches(
    warehouse: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "BATCH_BYTES", 1024 * 1024)
    asked = query(
        "SELECT i AS id, 'row ' || i AS name FROM generate_series(1, 400000) AS i"
    )

    with warehouse.stream(asked, 1000) as reader:
        sizes = [batch.num_rows for batch in reader]

    assert sum(sizes) == 400_000
    assert len(sizes) > 1


def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    credentials = parse_secret(
        "x",
        json.dumps(
            {
                **dict.fromkeys(("username", "dbname"), "u"),
                "host": "127.0.0.1",
                "port": 1,
                "password": "secret",
            }
        ),
    )

    with pytest.raises(UnavailableError, match="could not be read") as caught:
        rows(Postgresql(credentials), query("SELECT 1 AS a"))

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "password", '{"uri": ""}'])
def test_a_secret_of_another_form_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_secret("people", text)

    assert "'people'" in str(caught.value)


def test_credentials_are_not_printed() -> None:
    credentials = parse_secret("x", '{"uri": "postgresql://u:s%40cret@h/d"}')

    assert repr(credentials) == "Credentials()"
    assert credentials == Credentials("postgresql://u:s%40cret@h/d", "s@cret")
    assert (
        credentials.redacted("at postgresql://u:s%40cret@h/d: s@cret") == "at ***: ***"
    )
