"""The scoring of churn_scores, rendered from models/churn_scores/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, DAG, TaskGroup

from slipway_airflow.operators import OpenRun, Step
from slipway_airflow.params import scoring_params

with DAG(
    dag_id="churn_scores.scoring",
    description="Which customers leave within 30 days, for the letter of each month",
    doc_md="Scores every row of a date with a version of churn_scores, and publishes it.\n\nWhich customers leave within 30 days, for the letter of each month.\n\nWho is asked: risk-team@example.com. What it does is in `models/churn_scores/`.",
    schedule=[Asset("slipway://churn_scores/version")],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["slipway", "scoring", "batch"],
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
    open_run = OpenRun(task_id="open_run", doc_md="Opens the controller's run: every parameter is frozen here, once.", spec_digest="sha256:bdf3a5e35b3c6971149a82ad60093ad47baaf5893e4fd8057621129841eb0661")
    with TaskGroup("data", prefix_group_id=False):
        extract = Step(task_id="extract", doc_md="Runs extract.sql in the warehouse.")
        quality = Step(task_id="quality", doc_md="Checks the extract against the expectations.")
    with TaskGroup("scores", prefix_group_id=False):
        preprocess = Step(task_id="preprocess", doc_md="Makes the features of the rows to score.")
        transform = Step(task_id="transform", doc_md="Has a batch transform job answer each row.")
        publish = Step(task_id="publish", doc_md="Puts each prediction beside its key, its version and a transaction id.", outlets=[Asset("slipway://churn_scores/scores")])
    (open_run
        >> extract
        >> quality
        >> preprocess
        >> transform
        >> publish)

# Set last: Airflow copies a DAG's params into each task made after them.
dag.params = scoring_params()
