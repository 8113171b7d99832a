"""Airflow on this machine: its settings, and what its API is asked."""

import datetime as dt
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from slipway.application import airflow_api, airflow_server
from slipway.application.airflow_api import AirflowApi, answers
from slipway.application.airflow_place import AirflowPlace
from slipway.errors import InvalidRequestError, UnavailableError

HEALTHY = {part: {"status": "healthy"} for part in airflow_api._PARTS}
DAY = dt.date(2026, 1, 31)


@pytest.fixture
def airflow(monkeypatch):
    """An Airflow that answers what a test puts there; it keeps what it was asked."""
    monkeypatch.setattr(airflow_api, "_PAUSE", 0.0)
    said, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            asked.append(
                (self.command, self.path, json.loads(self.rfile.read(length) or b"{}"))
            )
            answer = said.get(self.path, [(404, {"detail": "nothing is there"})])
            status, body = answer.pop(0) if len(answer) > 1 else answer[0]
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET  # noqa: N815 - the server's own names

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    said["/auth/token"] = [(201, {"access_token": "t"})]
    said["/api/v2/dags/m.training"] = [(200, {})]
    yield f"http://127.0.0.1:{server.server_port}", said, asked
    server.shutdown()
    server.server_close()
    thread.join()


def place(home):
    return AirflowPlace(
        home=home,
        source=Path("airflow"),
        environment=home / "environment",
        port=8081,
        controller_url="http://127.0.0.1:8087",
        controller_token="t",
    )


def test_everything_that_listens_does_so_on_this_machine_alone(tmp_path):
    variables = place(tmp_path).variables()

    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert json.loads(variables["AIRFLOW_CONN_SLIPWAY"]) == {
        "conn_type": "http",
        "schema": "http",
        "host": "127.0.0.1",
        "port": 8087,
        "password": "t",
    }


def test_airflow_keeps_its_tables_where_it_is_told_to(tmp_path):
    name = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    elsewhere = replace(place(tmp_path), database="postgresql://somewhere")

    assert elsewhere.variables()[name] == "postgresql://somewhere"
    assert name not in place(tmp_path).variables()


def test_an_airflow_is_up_when_each_of_its_parts_is_healthy(airflow):
    url, said, _ = airflow
    ill = HEALTHY | {"triggerer": {"status": "unhealthy"}}
    said["/api/v2/monitor/health"] = [(200, ill), (200, HEALTHY)]

    assert [answers(url), answers(url)] == [False, True]


def test_a_dag_run_is_started_once_for_a_date(airflow):
    url, said, asked = airflow
    said["/api/v2/dags/m.training/dagRuns"] = [(200, {}), (409, {"detail": "exists"})]
    api = AirflowApi.login(url, "admin", "secret")

    assert api.start("m.training", DAY, {}) == api.start("m.training", DAY, {})
    method, _, body = asked[2]
    assert method == "POST"
    assert body["logical_date"] == "2026-01-31T00:00:00Z"


def test_an_airflow_whose_database_is_busy_is_asked_again(airflow):
    url, said, _ = airflow
    busy = (500, {"detail": "database is locked"})
    said["/api/v2/dags/m.training/dagRuns/r"] = [
        busy,
        busy,
        (200, {"state": "success"}),
    ]

    assert AirflowApi(url, "t").state("m.training", "r") == "success"


def test_a_dag_that_is_not_there_is_told_in_one_line(airflow):
    url, _, _ = airflow

    with pytest.raises(InvalidRequestError, match=r"404.*nothing is there") as raised:
        AirflowApi(url, "t").start("no.training", DAY, {})
    assert "\n" not in str(raised.value)


def test_an_airflow_that_is_down_says_how_to_start_it():
    with pytest.raises(UnavailableError, match=r"invoke airflow\.up"):
        AirflowApi("http://127.0.0.1:1", "t").state("m.training", "r")


@pytest.mark.parametrize("text", ["", "{", '{"scheduler": 999999999}'])
def test_no_process_that_is_gone_counts_as_airflow(tmp_path, text):
    record = tmp_path / "airflow.json"
    record.write_text(text)

    assert airflow_server.components(record) == {}
    assert airflow_server.down(record) is False
    assert not record.exists()
