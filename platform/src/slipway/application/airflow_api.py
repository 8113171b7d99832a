"""What Airflow is asked over its own REST API."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import orjson

from slipway.errors import (
    ConflictError,
    DocumentError,
    InvalidRequestError,
    NotFoundError,
    SlipwayError,
    UnavailableError,
)

_SECONDS = 30
_TRIES = 5
_PAUSE = 1.0
_ERROR = 500
_KINDS = {404: NotFoundError, 409: ConflictError}
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
#: States of a DAG run that has ended.
ENDED = frozenset({"success", "failed"})


def answers(url: str) -> bool:
    """Tell whether Airflow answers there, and each of its components is healthy."""
    try:
        with urlopen(f"{url}/api/v2/monitor/health", timeout=_SECONDS) as answer:  # noqa: S310 - our own address
            said = orjson.loads(answer.read())
    except (OSError, HTTPException, ValueError):
        return False
    return all(said[part]["status"] == "healthy" for part in _PARTS)


@dataclass(frozen=True)
class AirflowApi:
    """Airflow, with a token of somebody who may run DAGs."""

    url: str
    token: str

    @classmethod
    def login(cls, url: str, user: str, password: str) -> Self:
        """Return the API after signing in."""
        said = _send(f"{url}/auth/token", {"username": user, "password": password}, {})
        return cls(url, said["access_token"])

    def start(self, dag_id: str, date: dt.date, conf: Mapping[str, Any]) -> str:
        """Start the DAG's run for a date and return its id.

        One that is there is found; where it failed, it goes on.
        """
        dag = f"/dags/{quote(dag_id)}"
        self._ask(dag, {"is_paused": False}, method="PATCH")
        run_id = f"invoke__{date.isoformat()}"
        moment = f"{date.isoformat()}T00:00:00Z"
        body = {"dag_run_id": run_id, "logical_date": moment, "conf": dict(conf)}
        try:
            self._ask(f"{dag}/dagRuns", body)
        except ConflictError:
            return self._again(dag_id, moment)
        return run_id

    def knows(self, dag_id: str, name: str) -> bool:
        """Tell whether Airflow has read the DAG's file, `name`; raise why it cannot."""
        try:
            self._ask(f"/dags/{quote(dag_id)}")
        except NotFoundError:
            for error in self._ask("/importErrors")["import_errors"]:
                if error["filename"].endswith(name):
                    last = error["stack_trace"].strip().splitlines()[-1]
                    message = f"Airflow cannot read airflow/dags/{name}: {last}"
                    raise DocumentError(message) from None
            return False
        return True

    def state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a DAG run."""
        return str(self._ask(_run(dag_id, run_id))["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return a DAG run's tasks with their states, in the order that they began."""
        said = self._ask(f"{_run(dag_id, run_id)}/taskInstances")["task_instances"]
        return sorted(said, key=lambda task: (task["start_date"] or "9", task["id"]))

    def reason(self, dag_id: str, run_id: str, task: Mapping[str, Any]) -> str:
        """Return why a task's last try failed, by its log; empty: it does not say."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task['task_id']}"
        said = self._ask(f"{path}/logs/{task['try_number']}?full_content=true")
        errors = [line["error_detail"] for line in said["content"] if _is_error(line)]
        return str(errors[-1][0]["exc_value"]) if errors else ""

    def _again(self, dag_id: str, moment: str) -> str:
        """Return the id of a date's run; one that failed goes on where it failed."""
        between = f"logical_date_gte={moment}&logical_date_lte={moment}"
        found = self._ask(f"/dags/{quote(dag_id)}/dagRuns?{between}")["dag_runs"]
        run_id = str(found[0]["dag_run_id"])
        if found[0]["state"] == "failed":
            body = {"dry_run": False, "only_failed": True}
            self._ask(f"{_run(dag_id, run_id)}/clear", body)
        return run_id

    def _ask(self, path: str, body: object = None, *, method: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return _send(f"{self.url}/api/v2{path}", body, headers, method=method)


def _is_error(line: object) -> bool:
    return isinstance(line, dict) and bool(line.get("error_detail"))


def _run(dag_id: str, run_id: str) -> str:
    return f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"


def _send(
    url: str, body: object, headers: Mapping[str, str], *, method: str = ""
) -> Any:
    """Send one request, again where SQLite was busy; raise what Airflow refuses."""
    data = orjson.dumps(body) if body is not None else None
    request = Request(  # noqa: S310 - our own address
        url,
        data,
        {"Content-Type": "application/json", **headers},
        method=method or ("POST" if data else "GET"),
    )
    for attempt in range(_TRIES):
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
                return orjson.loads(answer.read())
        except HTTPError as error:
            if error.code < _ERROR or attempt + 1 == _TRIES:
                raise _refused(url, error) from error
        except URLError as error:
            message = (
                f"Airflow does not answer at {url}: {error.reason}. Start it: invoke"
                " airflow.up"
            )
            raise UnavailableError(message) from error
        time.sleep(_PAUSE)
    message = f"Airflow does not answer at {url}"
    raise UnavailableError(message)


def _refused(url: str, error: HTTPError) -> SlipwayError:
    said = error.read().decode("utf-8", "replace")
    message = f"Airflow answered {error.code} to {url}: {' '.join(said.split())[:300]}"
    usual = InvalidRequestError if error.code < _ERROR else UnavailableError
    return _KINDS.get(error.code, usual)(message)
