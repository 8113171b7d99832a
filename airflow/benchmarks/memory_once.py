"""The memory that one process takes for a folder of DAGs, as a scheduler or a worker."""

import gc
import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
_PAGE = os.sysconf("SC_PAGE_SIZE") // 1024
_DAY = datetime(2026, 1, 31, tzinfo=UTC)


def main(side: str, folder: str) -> None:
    """Do what `side` does with the folder, and print the KiB that it took."""
    logging.disable(logging.CRITICAL)
    kilobytes = _SIDES[side](Path(folder))
    sys.stdout.write(f"\n{json.dumps({'kilobytes': kilobytes})}\n")


def serialize(folder: Path) -> int:
    """Write what Airflow's database keeps of each DAG, for the scheduler."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    found = DagBag(dag_folder=str(folder)).dags.values()
    kept = [json.dumps(DagSerialization.to_dict(dag)) for dag in found]
    (folder / "serialized.json").write_text(json.dumps(kept))
    return 0


def schedule(folder: Path) -> int:
    """Hold every DAG as a scheduler does: made from the database's text."""
    from airflow.serialization.serialized_objects import DagSerialization

    texts = json.loads((folder / "serialized.json").read_text())
    warm = DagSerialization.from_dict(json.loads(texts[0]))
    before = _resident()
    held = [DagSerialization.from_dict(json.loads(text)) for text in texts]
    took = _resident() - before
    if len(held) != len(texts) or not warm.dag_id:
        sys.exit(f"{folder}: not every DAG was held")
    return took


def work(folder: Path) -> int:
    """Load one DAG and do its first two tasks, as a worker's process does."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.execution_time import task_runner  # noqa: F401 - a worker's own

    file = min(folder.glob("*_training.py"))
    before = _resident()
    [dag] = DagBag(dag_folder=str(file)).dags.values()
    run_id = _execute(dag.get_task("open_run"), _context(None))
    _execute(dag.get_task("extract"), _context(run_id))
    return _resident() - before


def _execute(task: Any, context: dict[str, Any]) -> Any:
    from airflow.sdk.exceptions import TaskDeferred

    try:
        return type(task).execute.__wrapped__(task, context)
    except TaskDeferred:
        return None


def _context(run_id: str | None) -> dict[str, Any]:
    dag_run = SimpleNamespace(
        dag_id="tumor_malignancy.training",  # the one model of the controller in memory
        run_id="scheduled__1",
        run_type="scheduled",
        logical_date=_DAY,
        run_after=_DAY,
        data_interval_start=_DAY,
        data_interval_end=_DAY,
    )
    ti = SimpleNamespace(try_number=1, max_tries=1, xcom_pull=lambda **_: run_id)
    return {"dag_run": dag_run, "ti": ti, "params": {}, "outlet_events": {}}


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


_SIDES = {"serialize": serialize, "scheduler": schedule, "worker": work}

if __name__ == "__main__":
    main(*sys.argv[1:])
