"""Runs DAGs by `dag.test()` in Airflow's own environment, and writes how they ended."""

import importlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path

from airflow.configuration import conf


def main(asked: Path, answers: Path) -> None:
    """Run what the file `asked` lists, one after the other."""
    sys.path[:0] = [
        conf.get("core", "dags_folder"),
        conf.get("core", "plugins_folder"),
    ]
    ended = [_run(**each) for each in json.loads(asked.read_text())]
    answers.write_text(json.dumps(ended))


def _run(dag: str, only: list, date: str, config: dict, connection: str) -> dict:
    """Run a DAG, or `only` some tasks of it; one that fails is not tried again."""
    os.environ["AIRFLOW_CONN_SLIPWAY"] = connection
    found = importlib.import_module(dag).dag
    found = found.partial_subset(only) if only else found
    found.deadline = None  # Airflow 3.3 looks for one that `dag.test()` did not write
    failures = {}
    for task in found.tasks:
        task.retries = 0
        task.on_failure_callback = [
            lambda context: failures.update(
                {context["ti"].task_id: str(context["exception"])}
            )
        ]
    run = found.test(logical_date=datetime.fromisoformat(date), run_conf=config)
    states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
    return {"run_id": run.run_id, "tasks": states, "failures": failures}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
