"""Airflow as `invoke airflow.up` starts it, and what a person would do with it."""

import json
import os
import signal
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import psutil
from standalone_checkout import HELD, holds, said

from slipway.testing.checkout import Checkout
from slipway.testing.waiting import wait_until

PATIENCE = 600
_JOBS = {"processing_job": "processing", "training_job": "training"}


@dataclass(frozen=True)
class Api:
    """A REST API, asked with a token."""

    url: str
    token: str

    def ask(self, path: str, body: object = None, *, method: str = "") -> Any:
        """Send one request and return its answer."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
        }
        data = json.dumps(body).encode() if body is not None else None
        method = method or ("POST" if data else "GET")
        request = Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310 - our own
        with urlopen(request, timeout=120) as answer:  # noqa: S310 - as above
            return json.loads(answer.read() or b"null")


@dataclass
class Standalone:
    """A checkout's Airflow, and the controller that it asks."""

    home: Checkout
    airflow: Api
    processes: dict[str, int]
    controller: Api

    def dag_run(self, dag_id: str, run_id: str = "") -> "DagRun":
        """Return a DAG run, started before."""
        return DagRun(self, dag_id, run_id)

    def start(self, dag_id: str, run_id: str, day: str, **conf: Any) -> "DagRun":
        """Start a run of a DAG for a day."""
        body = {
            "dag_run_id": run_id,
            "logical_date": f"{day}T00:00:00Z",
            "conf": conf,
        }
        self.unpause(dag_id)
        self.airflow.ask(f"/dags/{dag_id}/dagRuns", body)
        return DagRun(self, dag_id, run_id)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self.airflow.ask(f"/dags/{dag_id}", {"is_paused": False}, method="PATCH")

    def kill(self, component: str) -> None:
        """End a component as `kill -9` does, and start another; it leaves nothing."""
        killed = self.processes[component]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not _lives(killed), seconds=60)
        self.processes = said(self.home.invoke("airflow.up", "--json"))["processes"]
        assert self.processes[component] != killed
        assert _session(killed) == []

    @contextmanager
    def frozen(self, pid: int):
        """Let a process and those that it started not go on while the block runs."""
        group = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in group:
            process.suspend()
        try:
            yield
        finally:
            for process in group:
                process.resume()

    def job_names(self, model: str) -> Counter[str]:
        """Return the name of each job that the local SageMaker knows of a model."""
        client, words = self.home.client("sagemaker"), model.replace("_", "-")
        found = client.list_processing_jobs(NameContains=words, MaxResults=100)
        names = [job["ProcessingJobName"] for job in found["ProcessingJobSummaries"]]
        found = client.list_training_jobs(NameContains=words, MaxResults=100)
        names += [job["TrainingJobName"] for job in found["TrainingJobSummaries"]]
        return Counter(names)

    def running_jobs(self, model: str) -> list[str]:
        """Return the jobs of a model that the local SageMaker still runs."""
        client, words = self.home.client("sagemaker"), model.replace("_", "-")
        asked = {"NameContains": words, "StatusEquals": "InProgress"}
        found = client.list_processing_jobs(**asked)["ProcessingJobSummaries"]
        names = [job["ProcessingJobName"] for job in found]
        found = client.list_training_jobs(**asked)["TrainingJobSummaries"]
        return names + [job["TrainingJobName"] for job in found]

    def operations(self, run_id: str) -> list[dict[str, Any]]:
        """Return what the ledger says of the jobs of a run of the controller."""
        found = self.controller.ask(f"/operations?run_id={run_id}&limit=200")["items"]
        return [each for each in found if each["resource"] in _JOBS]


@dataclass(frozen=True)
class DagRun:
    """A run of a DAG, and the controller's run of it."""

    rig: Standalone
    dag_id: str
    run_id: str

    @property
    def path(self) -> str:
        """Where Airflow's API has it."""
        return f"/dags/{self.dag_id}/dagRuns/{quote(self.run_id, safe='')}"

    def state(self) -> str:
        """Return how it stands."""
        return str(self.rig.airflow.ask(self.path)["state"])

    def task(self, task_id: str) -> dict[str, Any]:
        """Return a task of it."""
        return self.rig.airflow.ask(f"{self.path}/taskInstances/{task_id}")

    def tasks(self) -> dict[str, str]:
        """Return the state of each task."""
        found = self.rig.airflow.ask(f"{self.path}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in found}

    def log(self, task_id: str, attempt: int) -> str:
        """Return a task's log of one try."""
        path = f"{self.path}/taskInstances/{task_id}/logs/{attempt}?full_content=true"
        return json.dumps(self.rig.airflow.ask(path)["content"])

    def clear(self, task_id: str) -> None:
        """Clear a task, as a person does in the grid."""
        body = {
            "dry_run": False,
            "dag_run_id": self.run_id,
            "task_ids": [task_id],
            "only_failed": False,
        }
        self.rig.airflow.ask(f"/dags/{self.dag_id}/clearTaskInstances", body)

    def mark(self, task_id: str, state: str) -> None:
        """Mark a task, as a person does in the grid."""
        path = f"{self.path}/taskInstances/{task_id}"
        self.rig.airflow.ask(path, {"new_state": state}, method="PATCH")

    def delete(self) -> None:
        """Delete it from Airflow."""
        self.rig.airflow.ask(self.path, method="DELETE")

    def await_state(self, task_id: str, state: str) -> None:
        """Return when the task is in that state; the run must not have failed."""

        def is_there() -> bool:
            assert self.state() != "failed", self.tasks()
            return self.task(task_id)["state"] == state

        wait_until(is_there, seconds=PATIENCE, pause=0.5)

    def await_end(self) -> str:
        """Return the state in which it ended."""
        ended = {"success", "failed"}
        wait_until(lambda: self.state() in ended, seconds=PATIENCE, pause=0.5)
        return self.state()

    def controllers(self) -> list[dict[str, Any]]:
        """Return the controller's runs that were opened with this run's key."""
        model = self.dag_id.partition(".")[0]
        key = quote(f"{self.dag_id}/{self.run_id}", safe="")
        return self.rig.controller.ask(f"/runs?model={model}&key={key}")["items"]

    def is_training(self) -> bool:
        """Tell whether SageMaker runs its training."""
        (run,) = self.controllers()
        there = self.rig.running_jobs(run["model"])
        found = self.rig.operations(run["run_id"])
        return any("/train/" in each["key"] and each["name"] in there for each in found)

    def jobs(self) -> dict[str, int]:
        """Return how many jobs each step had, by the ledger and by SageMaker's lists."""
        (run,) = self.controllers()
        found = self.rig.operations(run["run_id"])
        there = self.rig.job_names(run["model"])
        assert all(there[each["name"]] == 1 for each in found), (there, found)
        return dict(Counter(each["key"].split("/")[-2] for each in found))


def held(rig: Standalone, name: str, day: str) -> DagRun:
    """Start a training that waits until `release`, and return it when it does."""
    hold(rig, name)
    config = {"hyperparameters": {"hold": name}, "force": True}
    run = rig.start(f"{HELD}.training", name, day, **config)
    run.await_state("train", "deferred")
    wait_until(run.is_training, seconds=PATIENCE, pause=0.5)
    # its job's log is in the task's: Airflow's triggerer has begun to wait
    wait_until(
        lambda: "training_started" in run.log("train", 1), seconds=PATIENCE, pause=0.5
    )
    return run


def hold(rig: Standalone, name: str) -> Path:
    """Let trainings wait that are told to by this name."""
    path = holds(rig.home) / name
    path.touch()
    return path


def release(run: DagRun) -> None:
    """Let the run's training go on."""
    (holds(run.rig.home) / run.run_id).unlink()


def task_process(run: DagRun, task_id: str) -> psutil.Process | None:
    """Return the process that runs the task now."""
    title = f"airflow worker -- {run.task(task_id)['id']}"
    for process in psutil.process_iter(["cmdline"]):
        if title in " ".join(process.info["cmdline"] or ()):
            return process
    return None


def asks(process: psutil.Process, port: int) -> bool:
    """Tell whether the process waits for an answer from a port."""
    return any(
        connection.raddr and connection.raddr.port == port
        for connection in process.net_connections("tcp4")
    )


def _session(leader: int) -> list[int]:
    """Return the processes of a session that is led by `leader`."""
    return [pid for pid in psutil.pids() if _lives(pid) and os.getsid(pid) == leader]


def _lives(pid: int) -> bool:
    return (
        psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    )
