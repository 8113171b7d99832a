"""When a run should have ended, and what is said when it has not."""

import logging
from datetime import timedelta
from typing import Any

_log = logging.getLogger(__name__)


def deadline(*, minutes: int) -> dict[str, Any]:
    """Return the DAG's deadline as an argument; Airflow 3.0 has none."""
    try:
        from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference
    except ImportError:
        return {}
    alert = DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback(report_missed, kwargs={"minutes": minutes}),
    )
    return {"deadline": alert}


async def report_missed(minutes: int, **context: Any) -> None:
    """Write an error that names the run; the triggerer's log has it."""
    run = context.get("context", context).get("dag_run") or {}
    name = run.get("dag_id", "a DAG") if isinstance(run, dict) else run.dag_id
    _log.error("deadline_missed dag_id=%s minutes=%s", name, minutes)
