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
        # counted from when it was queued, no task of the run could be cleared on Airflow
        # 3.3: https://github.com/apache/airflow/issues/70368
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback(report_missed, kwargs={"minutes": minutes}),
    )
    return {"deadline": alert}


async def report_missed(minutes: int, **context: Any) -> None:
    """Write an error that names a scheduled run; the triggerer's log has it.

    A run that a person starts is for a day of any age: it has missed its deadline at once.
    """
    run = context.get("context", context)["dag_run"]
    if run["run_type"] == "scheduled":
        said = "deadline_missed dag_id=%s run_id=%s minutes=%s"
        _log.error(said, run["dag_id"], run["dag_run_id"], minutes)
