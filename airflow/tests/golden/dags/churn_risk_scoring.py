"""The scoring of churn_risk, rendered from models/churn_risk/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, DAG, TaskGroup

from slipway_airflow.deadlines import deadline
from slipway_airflow.operators import OpenRun, Step
from slipway_airflow.params import scoring_params

with DAG(
    dag_id="churn_risk.scoring",
    description="Which customers leave within 30 days",
    doc_md="Scores every row of a date with a version of churn_risk, and publishes it.\n\nWhich customers leave within 30 days.\n\nWho is asked: risk-team@example.com. What it does is in `models/churn_risk/`.",
    schedule="0 6 * * *",
    start_date=datetime(2026, 2, 3, tzinfo=UTC),
    catchup=True,
    max_active_runs=2,
    tags=["slipway", "scoring", "endpoint", "retention"],
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
    open_run = OpenRun(task_id="open_run", doc_md="Opens the controller's run: every parameter is frozen here, once.", spec_digest="sha256:83dfb59aa9eab07c3c86b87835c4eb35714b8c71542317f3ffa5836665a16b46")
    with TaskGroup("data", prefix_group_id=False):
        extract = Step(task_id="extract", doc_md="Runs extract.sql in the warehouse.")
        quality = Step(task_id="quality", doc_md="Checks the extract against the expectations.")
    with TaskGroup("scores", prefix_group_id=False):
        preprocess = Step(task_id="preprocess", doc_md="Makes the features of the rows to score.")
        transform = Step(task_id="transform", doc_md="Has a batch transform job answer each row.")
        publish = Step(task_id="publish", doc_md="Puts each prediction beside its key, its version and a transaction id.", outlets=[Asset("slipway://churn_risk/scores")])
    (open_run
        >> extract
        >> quality
        >> preprocess
        >> transform
        >> publish)

# Set last: Airflow copies a DAG's params into each task made after them.
dag.params = scoring_params()
