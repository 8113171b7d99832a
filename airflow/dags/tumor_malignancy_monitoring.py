"""The monitoring of tumor_malignancy, rendered from models/tumor_malignancy/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, DAG

from slipway_airflow.deadlines import deadline

with DAG(
    dag_id="tumor_malignancy.monitoring",
    description="Whether a breast mass is malignant, from measures of its cell nuclei, for the pathologist",
    doc_md="Watches tumor_malignancy where it serves; it measures nothing yet.\n\nWhether a breast mass is malignant, from measures of its cell nuclei, for the pathologist.\n\nWho is asked: diagnostics-team@example.com. What it does is in `models/tumor_malignancy/`.",
    schedule=[Asset("slipway://tumor_malignancy/version")],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["slipway", "monitoring", "endpoint", "oncology"],
    default_args={
        "owner": "diagnostics-team@example.com",
        "pool": "default_pool",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=720),
    },
    **deadline(minutes=360),
) as dag:
    monitor = EmptyOperator(task_id="monitor", doc_md="Holds the place of the measurements of drift and degradation.")
