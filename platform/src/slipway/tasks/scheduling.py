"""Airflow on this machine: started, a DAG run to its end, ended."""

import os
import time
from dataclasses import dataclass
from typing import Any

from slipway.application import airflow_server
from slipway.application.airflow_api import ENDED, AirflowApi
from slipway.application.airflow_controller import (
    controller_for_airflow,
    end_what_was_started,
)
from slipway.application.airflow_database import start_database, stop_database
from slipway.application.airflow_environment import airflow_environment
from slipway.application.airflow_place import (
    PORT,
    USER,
    AirflowPlace,
    airflow_home,
    airflow_record,
)
from slipway.application.state import made_state
from slipway.application.workspace import Workspace
from slipway.dags.pipelines import PIPELINES
from slipway.errors import InvalidRequestError, suggestion
from slipway.images.tool import Progress
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.moving import date_of
from slipway.tasks.terminal import Terminal, table

_POLL = 1.0
_COLUMNS = ("task", "state", "try", "seconds")


@dataclass(frozen=True)
class DagWish:
    """A DAG run that a command asks for."""

    model: str
    date: str
    pipeline: str


def start_airflow() -> Answer:
    """Start Airflow with the checkout's DAGs, if it is not up."""
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        place = _place(workspace, terminal.say)
        running, started = airflow_server.up(place, terminal.say)
    password = airflow_server.password(place)
    state = "started" if started else "was up already"
    text = f"Airflow {state}: {place.url}, user {USER}, password {password}"
    data = {"url": place.url, "user": USER, "password": password, "started": started}
    return Answer({**data, "processes": running}, (text,))


def end_airflow() -> Answer:
    """End Airflow and everything that it started."""
    settings = Workspace.open("local").settings
    home = airflow_home(settings)
    ended = airflow_server.down(airflow_record(home))
    stop_database(home)
    others = end_what_was_started(settings)
    text = "Airflow is down" if ended else "No Airflow of this checkout was up"
    also = f"; so is the {' and the '.join(others)}" if others else ""
    return Answer({"ended": ended, "also": others}, (text + also,))


def run_dag(wish: DagWish) -> Answer:
    """Run a model's DAG for a date to its end, and show how each task ended."""
    workspace = Workspace.open("local")
    workspace.folder(wish.model)
    dag_id, date = _dag_id(wish), date_of(wish.date)
    with Terminal(PROGRESS) as terminal:
        place = _place(workspace, terminal.say)
        airflow_server.up(place, terminal.say)
        password = airflow_server.password(place)
        api = AirflowApi.login(place.url, USER, password)
        run_id = api.start(dag_id, date, {})
        while (state := api.state(dag_id, run_id)) not in ENDED:
            terminal.say(_doing(api.tasks(dag_id, run_id)))
            time.sleep(_POLL)
    tasks = api.tasks(dag_id, run_id)
    rows = [
        (t["task_id"], str(t["state"]), str(t["try_number"]), _seconds(t))
        for t in tasks
    ]
    data = {
        "dag_id": dag_id,
        "run_id": run_id,
        "state": state,
        "tasks": {task["task_id"]: task["state"] for task in tasks},
    }
    text = f"{dag_id} for {date}: {state}"
    return Answer(data, (table(_COLUMNS, rows), text), int(state != "success"))


def _place(workspace: Workspace, say: Progress) -> AirflowPlace:
    """Return where this checkout's Airflow lives, its environment made."""
    settings = workspace.settings
    made_state(settings)
    source = settings.root / "airflow"
    home = airflow_home(settings)
    environment = airflow_environment(source, home, say)
    url, token = controller_for_airflow(workspace, say)
    port = int(os.environ.get("SLIPWAY_AIRFLOW_PORT") or PORT)
    return AirflowPlace(
        home=home,
        source=source,
        environment=environment,
        port=port,
        controller_url=url,
        controller_token=token,
        database=start_database(home),
    )


def _dag_id(wish: DagWish) -> str:
    known = [pipeline.name for pipeline in PIPELINES]
    if wish.pipeline not in known:
        message = (
            f"There is no pipeline {wish.pipeline!r}.{suggestion(wish.pipeline, known)}"
        )
        raise InvalidRequestError(message)
    return f"{wish.model}.{wish.pipeline}"


def _doing(tasks: list[dict[str, Any]]) -> str:
    under_way = [t for t in tasks if t["state"] in {"running", "deferred", "queued"}]
    return (
        ", ".join(f"{t['task_id']} {t['state']}" for t in under_way) or "scheduling …"
    )


def _seconds(task: dict[str, Any]) -> str:
    return f"{task['duration']:.1f}" if task["duration"] is not None else ""
