"""What a run is opened with: everything that its DAG run says."""

from collections.abc import Mapping
from typing import Any

#: What the controller calls Airflow's kinds of runs.
_TRIGGERS = {
    "scheduled": "scheduled",
    "manual": "manual",
    "backfill": "backfill",
    "asset_triggered": "asset",
}


def opening(context: Mapping[str, Any], spec_digest: str) -> dict[str, Any]:
    """Return the body that opens the run of a DAG run.

    Its key is the DAG run's own: the same DAG run opens the same run again.
    """
    dag_run = context["dag_run"]
    model, _, pipeline = dag_run.dag_id.rpartition(".")
    kind = str(getattr(dag_run.run_type, "value", dag_run.run_type))
    body = {
        "model": model,
        "pipeline": pipeline,
        "key": run_key(dag_run.dag_id, dag_run.run_id),
        "trigger": _TRIGGERS.get(kind, "manual"),
        "logical_date": _iso(dag_run.logical_date or dag_run.run_after),
        "data_interval_start": _iso(dag_run.data_interval_start),
        "data_interval_end": _iso(dag_run.data_interval_end),
        "config": _config(context["params"]),
        "spec_digest": spec_digest,
    }
    return {name: value for name, value in body.items() if value is not None}


def run_key(dag_id: str, run_id: str) -> str:
    """Return what the controller knows a DAG run by."""
    return f"{dag_id}/{run_id}"


def _config(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked for; what was left alone is the spec's to decide."""
    return {name: value for name, value in params.items() if value not in (None, {})}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
