"""Airflow on this machine: started, a DAG run to its end, ended."""

import datetime as dt
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
    USER,
    AirflowPlace,
    airflow_home,
    airflow_record,
)
from slipway.application.state import made_state
from slipway.application.workspace import Workspace
from slipway.dags.plan import DagPlan, plan_dags
from slipway.dags.render import file_name
from slipway.errors import InvalidRequestError, UnavailableError, suggestion
from slipway.images.tool import Progress
from slipway.locking import locked
from slipway.spec import load_spec
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.moving import date_of
from slipway.tasks.terminal import Terminal, table

_POLL = 1.0
_READ_PATIENCE = 120
_UNDER_WAY = frozenset({"running", "deferred", "queued", "up_for_retry"})
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
        place, running, started = _up(workspace, terminal.say)
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
    plan, date = _plan(workspace, wish), date_of(wish.date)
    with Terminal(PROGRESS) as terminal:
        place, _, _ = _up(workspace, terminal.say)
        password = airflow_server.password(place)
        api = AirflowApi.login(place.url, USER, password)
        _await_read(api, plan, terminal.say)
        run_id = api.start(plan.dag_id, date, {})
        while api.state(plan.dag_id, run_id) not in ENDED:
            terminal.say(_doing(api.tasks(plan.dag_id, run_id)))
            time.sleep(_POLL)
    return _ended(api, plan.dag_id, run_id, date)


def _ended(api: AirflowApi, dag_id: str, run_id: str, date: dt.date) -> Answer:
    """Return how each task of a DAG run ended, and why where it failed."""
    tasks = api.tasks(dag_id, run_id)
    failed = [task for task in tasks if task["state"] == "failed"]
    reasons = {t["task_id"]: api.reason(dag_id, run_id, t) for t in failed}
    rows = [
        (t["task_id"], str(t["state"]), str(t["try_number"]), _seconds(t))
        for t in tasks
    ]
    state = api.state(dag_id, run_id)
    data = {
        "dag_id": dag_id,
        "run_id": run_id,
        "state": state,
        "tasks": {task["task_id"]: task["state"] for task in tasks},
        "reasons": reasons,
    }
    said = [f"{task_id}: {reason}" for task_id, reason in reasons.items() if reason]
    text = "\n".join([*said, f"{dag_id} for {date}: {state}"])
    return Answer(data, (table(_COLUMNS, rows), text), int(state != "success"))


def _up(
    workspace: Workspace, say: Progress
) -> tuple[AirflowPlace, dict[str, int], bool]:
    """Return this checkout's Airflow, its processes, and whether any was started."""
    made_state(workspace.settings)
    home = airflow_home(workspace.settings)
    home.mkdir(exist_ok=True)
    with locked(home / "start.lock"):  # another command may be at it
        place = _place(workspace, say)
        return place, *airflow_server.up(place, say)


def _place(workspace: Workspace, say: Progress) -> AirflowPlace:
    """Return where this checkout's Airflow lives, its environment made."""
    settings = workspace.settings
    source = settings.root / "airflow"
    home = airflow_home(settings)
    port = airflow_server.free_port(airflow_record(home))
    environment = airflow_environment(source, home, say)
    url, token = controller_for_airflow(workspace, say)
    return AirflowPlace(
        home=home,
        source=source,
        environment=environment,
        port=port,
        controller_url=url,
        controller_token=token,
        database=start_database(home),
    )


def _plan(workspace: Workspace, wish: DagWish) -> DagPlan:
    """Return the plan of a model's DAG, whose file is there."""
    found = plan_dags(load_spec(workspace.folder(wish.model)))
    plans = {plan.pipeline: plan for plan in found}
    if wish.pipeline not in plans:
        message = (
            f"{wish.model} has no pipeline {wish.pipeline!r}."
            f"{suggestion(wish.pipeline, plans)}"
        )
        raise InvalidRequestError(message)
    name = file_name(plans[wish.pipeline])
    if not (workspace.settings.root / "airflow" / "dags" / name).is_file():
        message = f"airflow/dags/{name} is not there. Write it: invoke dag.render"
        raise InvalidRequestError(message)
    return plans[wish.pipeline]


def _await_read(api: AirflowApi, plan: DagPlan, say: Progress) -> None:
    """Return when Airflow has read the DAG's file, or raise."""
    deadline = time.monotonic() + _READ_PATIENCE
    while not api.knows(plan.dag_id, file_name(plan)):
        if time.monotonic() > deadline:
            message = (
                f"Airflow has not read the file of {plan.dag_id} in {_READ_PATIENCE} s. See"
                " .slipway/airflow/logs/dag-processor.log"
            )
            raise UnavailableError(message)
        say(f"waiting until Airflow has read {plan.dag_id} …")
        time.sleep(_POLL)


def _doing(tasks: list[dict[str, Any]]) -> str:
    under_way = [t for t in tasks if t["state"] in _UNDER_WAY]
    return (
        ", ".join(f"{t['task_id']} {t['state']}" for t in under_way) or "scheduling …"
    )


def _seconds(task: dict[str, Any]) -> str:
    return f"{task['duration']:.1f}" if task["duration"] is not None else ""
