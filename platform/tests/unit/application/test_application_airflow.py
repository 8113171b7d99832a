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
from slipway.errors import DocumentError, InvalidRequestError, UnavailableError

HEALTHY = {part: {"status": "healthy"} for part in airflow_api._PARTS}
DAY, MOMENT = dt.date(2026, 1, 31), "2026-01-31T00:00:00Z"
DAG = "/api/v2/dags/m.training"


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
    said[DAG] = [(200, {})]
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


def test_a_controller_elsewhere_is_found_by_its_address(tmp_path):
    elsewhere = replace(place(tmp_path), controller_url="https://controller.example")
    connection = json.loads(elsewhere.variables()["AIRFLOW_CONN_SLIPWAY"])

    assert (connection["schema"], connection["host"], connection["port"]) == (
        *("https", "controller.example"),
        None,
    )


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


def there_is(said, state):
    """Let a run of the day be there, which the schedule made."""
    runs = [{"dag_run_id": "scheduled__1", "state": state}]
    said[f"{DAG}/dagRuns"] = [(409, {"detail": "exists"})]
    said[f"{DAG}/dagRuns?logical_date_gte={MOMENT}&logical_date_lte={MOMENT}"] = [
        (200, {"dag_runs": runs})
    ]
    said[f"{DAG}/dagRuns/scheduled__1/clear"] = [(200, {})]


def test_a_dag_run_is_started_for_a_date(airflow):
    url, said, asked = airflow
    said[f"{DAG}/dagRuns"] = [(200, {})]

    run_id = AirflowApi.login(url, "admin", "secret").start("m.training", DAY, {})

    assert run_id == "invoke__2026-01-31"
    method, _, body = asked[-1]
    assert method == "POST"
    assert body["logical_date"] == MOMENT


@pytest.mark.parametrize(("state", "cleared"), [("success", 0), ("failed", 1)])
def test_a_date_that_has_a_run_has_no_second_and_a_failed_one_goes_on(
    airflow, state, cleared
):
    url, said, asked = airflow
    there_is(said, state)

    assert AirflowApi(url, "t").start("m.training", DAY, {}) == "scheduled__1"
    clears = [body for _, path, body in asked if path.endswith("/clear")]
    assert clears == [{"dry_run": False, "only_failed": True}] * cleared


def test_a_dag_is_known_once_its_file_was_read(airflow):
    url, said, _ = airflow
    said[DAG] = [(404, {"detail": "no such DAG"}), (200, {})]
    said["/api/v2/importErrors"] = [(200, {"import_errors": []})]
    api, asked = AirflowApi(url, "t"), ("m.training", "m_training.py")

    assert [api.knows(*asked), api.knows(*asked)] == [False, True]


def test_a_dag_whose_file_cannot_be_read_says_why(airflow):
    url, said, _ = airflow
    said[DAG] = [(404, {"detail": "no such DAG"})]
    error = {"filename": "m_training.py", "stack_trace": "Traceback\nNameError: x\n"}
    said["/api/v2/importErrors"] = [(200, {"import_errors": [error]})]

    with pytest.raises(
        DocumentError, match=r"airflow/dags/m_training.py: NameError: x$"
    ):
        AirflowApi(url, "t").knows("m.training", "m_training.py")


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ({"error_detail": [{"exc_value": "train of run 1 failed: no memory"}]}, True),
        ({"event": "killed"}, False),
    ],
)
def test_a_task_that_failed_is_told_with_its_reason(airflow, last, reason):
    url, said, _ = airflow
    path = f"{DAG}/dagRuns/r/taskInstances/train/logs/2?full_content=true"
    said[path] = [(200, {"content": [{"event": "begins"}, last]})]

    told = AirflowApi(url, "t").reason(
        "m.training", "r", {"task_id": "train", "try_number": 2}
    )

    assert told == ("train of run 1 failed: no memory" if reason else "")


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


def test_an_airflow_that_runs_keeps_its_port_whatever_is_asked_for(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(airflow_server, "_is_airflow", lambda _pid: True)
    monkeypatch.setenv("SLIPWAY_AIRFLOW_PORT", "8090")
    record = tmp_path / "airflow.json"
    record.write_text('{"port": 8085, "processes": {"api-server": 1}}')

    assert airflow_server.free_port(record) == 8085
    assert airflow_server.components(record) == {"api-server": 1}


@pytest.mark.parametrize("text", ["", "{", '{"processes": {"scheduler": 999999999}}'])
def test_no_process_that_is_gone_counts_as_airflow(tmp_path, text):
    record = tmp_path / "airflow.json"
    record.write_text(text)

    assert airflow_server.components(record) == {}
    assert airflow_server.down(record) is False
    assert not record.exists()
