"""What every rendered DAG keeps to, whatever its model."""

from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = sorted(path.parent.name for path in ROOT.glob("models/*/model.yaml"))
#: What every model has; some are scored in batches too.
PIPELINES = ("monitoring", "training")


@pytest.fixture(scope="module")
def bag():
    """Every DAG of the folder."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # Airflow 3.0 has it elsewhere
        from airflow.models.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "airflow" / "dags"))


@pytest.fixture(scope="module")
def dags(bag):
    """The DAGs, none of which may be missing."""
    assert bag.dags
    return list(bag.dags.values())


@pytest.fixture(scope="module")
def tasks(dags):
    """Every task of every DAG."""
    return [task for dag in dags for task in dag.tasks]


def test_no_file_fails_to_load(bag):
    assert bag.import_errors == {}


def test_each_model_has_its_dags_and_nobody_else_has_any(bag):
    expected = {f"{model}.{name}" for model in MODELS for name in PIPELINES}

    assert expected <= set(bag.dags)
    assert {dag_id.partition(".")[0] for dag_id in bag.dags} == set(MODELS)


def test_each_file_holds_the_dag_that_it_is_called_by(dags):
    for dag in dags:
        assert Path(dag.fileloc).stem == dag.dag_id.replace(".", "_")


def test_each_dag_says_what_it_is_and_whose(dags):
    for dag in dags:
        model, _, pipeline = dag.dag_id.rpartition(".")
        assert {"slipway", pipeline} <= set(dag.tags)
        assert dag.description
        assert f"models/{model}/" in dag.doc_md
        assert dag.max_active_runs >= 1


def test_each_task_has_an_owner_retries_a_timeout_and_docs(tasks):
    for task in tasks:
        assert task.owner != "airflow", task
        assert task.retries is not None, task
        assert isinstance(task.execution_timeout, timedelta), task
        assert task.doc_md, task
        assert task.pool, task


def test_a_training_goes_from_the_run_to_the_endpoint_in_one_line(bag):
    dag = bag.dags["tumor_malignancy.training"]
    order, (task,) = [], dag.roots
    while True:
        order.append(task.task_id)
        if not task.downstream_list:
            break
        (task,) = task.downstream_list

    assert order == [
        *("open_run", "extract", "quality", "preprocess"),
        *("train", "evaluate", "register", "deploy"),
    ]


def test_the_register_of_a_training_is_what_the_monitoring_follows(bag):
    register = bag.dags["tumor_malignancy.training"].get_task("register")

    assert [asset.uri for asset in register.outlets] == [
        "slipway://tumor_malignancy/version"
    ]
    assert "tumor_malignancy/version" in str(
        bag.dags["tumor_malignancy.monitoring"].timetable.asset_condition
    )


def test_only_tasks_load_what_speaks_http(bag):
    import subprocess
    import sys

    code = "import sys, slipway_airflow.operators; print('httpx' in sys.modules)"
    airflow = "import airflow.sdk, sys; from airflow.sdk import BaseOperator; print('httpx' in sys.modules)"
    folder = ROOT / "airflow" / "plugins"

    def loads(source):
        return subprocess.run(
            [sys.executable, "-c", source],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[-1]

    assert loads(code) == loads(airflow)
