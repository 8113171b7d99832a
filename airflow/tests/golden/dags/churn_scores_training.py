"""The training of churn_scores, rendered from models/churn_scores/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, DAG, TaskGroup

from slipway_airflow.approvals import Approval
from slipway_airflow.operators import OpenRun, Step
from slipway_airflow.params import training_params

with DAG(
    dag_id="churn_scores.training",
    description="Which customers leave within 30 days, for the letter of each month",
    doc_md="Takes churn_scores from its SQL script to a version that serves.\n\nWhich customers leave within 30 days, for the letter of each month.\n\nWho is asked: risk-team@example.com. What it does is in `models/churn_scores/`.",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["slipway", "training", "batch"],
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
        preprocess = Step(task_id="preprocess", doc_md="Makes features, and divides the rows.")
    with TaskGroup("model", prefix_group_id=False):
        train = Step(task_id="train", doc_md="Trains in the model's image.")
        evaluate = Step(task_id="evaluate", doc_md="Measures the gates on the test rows.")
        register = Step(task_id="register", doc_md="Gives the artifact its version, with its lineage.")
    with TaskGroup("serving", prefix_group_id=False):
        approval = Approval(task_id="approval", doc_md="Waits until a person approves the version; ends skipped when it is refused.", execution_timeout=timedelta(minutes=10080), outlets=[Asset("slipway://churn_scores/version")])
    (open_run
        >> extract
        >> quality
        >> preprocess
        >> train
        >> evaluate
        >> register
        >> approval)

# Set last: Airflow copies a DAG's params into each task made after them.
dag.params = training_params({})
