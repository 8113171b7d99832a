"""The monitoring of churn_risk, rendered from models/churn_risk/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from slipway_airflow.deadlines import deadline

with DAG(
    dag_id="churn_risk.monitoring",
    description="Which customers leave within 30 days",
    doc_md="Watches churn_risk where it serves; it measures nothing yet.\n\nWhich customers leave within 30 days.\n\nWho is asked: risk-team@example.com. What it does is in `models/churn_risk/`.",
    schedule="0 7 * * *",
    start_date=datetime(2026, 2, 3, tzinfo=UTC),
    catchup=True,
    max_active_runs=2,
    tags=["slipway", "monitoring", "endpoint", "retention"],
    default_args={
        "owner": "risk-team@example.com",
        "pool": "training",
        "retries": 5,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=90),
    },
    **deadline(minutes=1440),
) as dag:
    monitor = EmptyOperator(task_id="monitor", doc_md="Holds the place of the measurements of drift and degradation.")
