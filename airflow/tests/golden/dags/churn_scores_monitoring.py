"""The monitoring of churn_scores, rendered from models/churn_scores/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, DAG

with DAG(
    dag_id="churn_scores.monitoring",
    description="Which customers leave within 30 days, for the letter of each month",
    doc_md="Watches churn_scores where it serves; it measures nothing yet.\n\nWhich customers leave within 30 days, for the letter of each month.\n\nWho is asked: risk-team@example.com. What it does is in `models/churn_scores/`.",
    schedule=[Asset("slipway://churn_scores/scores")],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["slipway", "monitoring", "batch"],
    default_args={
        "owner": "risk-team@example.com",
        "pool": "default_pool",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=720),
    },
) as dag:
    monitor = EmptyOperator(task_id="monitor", doc_md="Holds the place of the measurements of drift and degradation.")
