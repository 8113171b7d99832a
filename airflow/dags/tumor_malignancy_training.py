"""The training of tumor_malignancy, rendered from models/tumor_malignancy/model.yaml.

Change that file, then: invoke dag.render
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, DAG, TaskGroup

from slipway_airflow.deadlines import deadline
from slipway_airflow.operators import OpenRun, Step
from slipway_airflow.params import training_params

with DAG(
    dag_id="tumor_malignancy.training",
    description="Whether a breast mass is malignant, from measures of its cell nuclei, for the pathologist",
    doc_md="Takes tumor_malignancy from its SQL script to a version that serves.\n\nWhether a breast mass is malignant, from measures of its cell nuclei, for the pathologist.\n\nWho is asked: diagnostics-team@example.com. What it does is in `models/tumor_malignancy/`.",
    schedule="0 5 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["slipway", "training", "endpoint", "oncology"],
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
    open_run = OpenRun(task_id="open_run", doc_md="Opens the controller's run: every parameter is frozen here, once.", spec_digest="sha256:89312a961bfd0c735245dab3a923a16fe4e453f31b7b91ac0cfc936c297a6604")
    with TaskGroup("data", prefix_group_id=False):
        extract = Step(task_id="extract", doc_md="Runs extract.sql in the warehouse.")
        quality = Step(task_id="quality", doc_md="Checks the extract against the expectations.")
        preprocess = Step(task_id="preprocess", doc_md="Makes features, and divides the rows.")
    with TaskGroup("model", prefix_group_id=False):
        train = Step(task_id="train", doc_md="Trains in the model's image.")
        evaluate = Step(task_id="evaluate", doc_md="Measures the gates on the test rows.")
        register = Step(task_id="register", doc_md="Gives the artifact its version, with its lineage.", outlets=[Asset("slipway://tumor_malignancy/version")])
    with TaskGroup("serving", prefix_group_id=False):
        deploy = Step(task_id="deploy", doc_md="Replaces the endpoint, and verifies what it answers.")
    (open_run
        >> extract
        >> quality
        >> preprocess
        >> train
        >> evaluate
        >> register
        >> deploy)

# Set last: Airflow copies a DAG's params into each task made after them.
dag.params = training_params({"inverse_penalty": 0.5, "max_iterations": 1000})
