"""What every rendered DAG keeps to, whatever its model."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "airflow" / "tests" / "golden"
EXAMPLE = "tumor_malignancy"
#: The repository's own models, and two that say all that a DAG can be told.
FOLDERS = {
    "own": (ROOT / "models", ROOT / "airflow" / "dags"),
    "golden": (GOLDEN / "models", GOLDEN / "dags"),
}
#: What model.yaml's `dag` says where it says nothing.
DEFAULTS = {"retries": 3, "timeout": "12h", "approval_timeout": "7d"}
DEFAULTS |= {"max_active_runs": 1, "catchup": False, "pool": "default_pool", "tags": []}
MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
#: What a person may set.
PARAMS = {
    "training": {
        *("force", "tag", "parameters"),
        *("version", "canary_percent", "hyperparameters"),
    },
    "scoring": {"force", "tag", "parameters", "version"},
    "monitoring": set(),
}


@pytest.fixture(scope="module")
def bags():
    """Every DAG of each folder."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # Airflow 3.0 has it elsewhere
        from airflow.models.dagbag import DagBag

    return {name: DagBag(dag_folder=str(dags)) for name, (_, dags) in FOLDERS.items()}


@pytest.fixture(scope="module", params=FOLDERS)
def place(request):
    """The name of a folder."""
    return request.param


@pytest.fixture(scope="module")
def specs(place):
    """What each model's model.yaml says, by its name."""
    texts = (path.read_text() for path in FOLDERS[place][0].glob("*/model.yaml"))
    return {said["name"]: said for said in map(yaml.safe_load, texts)}


@pytest.fixture(scope="module")
def bag(bags, place):
    """Every DAG of the folder."""
    return bags[place]


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


def test_each_model_has_its_dags_and_nobody_else_has_any(bag, specs):
    expected = {
        f"{model}.{pipeline}"
        for model, said in specs.items()
        for pipeline in pipelines_of(said)
    }

    assert set(bag.dags) == expected


def pipelines_of(said):
    scored = said.get("mode") == "batch" or said.get("dag", {}).get("scoring_schedule")
    return ("training", "monitoring", *(("scoring",) if scored else ()))


def test_each_file_holds_the_dag_that_it_is_called_by(dags):
    for dag in dags:
        assert Path(dag.fileloc).stem == dag.dag_id.replace(".", "_")


def test_each_dag_says_what_it_is_and_whose(dags):
    for dag in dags:
        model, _, pipeline = dag.dag_id.rpartition(".")
        assert {"slipway", pipeline} <= set(dag.tags)
        assert dag.description
        assert f"models/{model}/" in dag.doc_md


def test_each_task_has_an_owner_retries_a_timeout_and_docs(tasks):
    for task in tasks:
        assert task.owner != "airflow", task
        assert task.retries >= 1, task
        assert isinstance(task.execution_timeout, timedelta), task
        assert task.doc_md, task
        assert task.pool, task


def test_airflow_reads_in_each_dag_what_its_spec_says(dags, specs):
    for dag in dags:
        said = specs[dag.dag_id.partition(".")[0]]
        wanted = DEFAULTS | said.get("dag", {})
        assert set(wanted["tags"]) <= set(dag.tags)
        assert dag.description == said["description"]
        assert dag.max_active_runs == wanted["max_active_runs"]
        assert dag.catchup == wanted["catchup"]
        for task in dag.tasks:
            limit = "approval_timeout" if task.task_id == "approval" else "timeout"
            assert (task.owner, task.pool) == (said["owner"], wanted["pool"])
            assert task.retries == wanted["retries"]
            assert task.execution_timeout == span(wanted[limit]), task


def span(text):
    return timedelta(minutes=int(text[:-1]) * MINUTES[text[-1]])


def test_each_pipeline_has_the_schedule_that_its_spec_says(dags, specs):
    for dag in dags:
        model, _, pipeline = dag.dag_id.rpartition(".")
        said = specs[model]
        cron = said.get("dag", {}).get(f"{pipeline}_schedule")
        if pipeline == "training":
            assert dag.schedule == said.get("schedule")
        elif cron:
            assert dag.schedule == cron
        else:
            assert "slipway://" in str(dag.timetable.asset_condition)


def test_a_run_that_has_not_ended_at_its_deadline_is_reported(dags, specs):
    from airflow import sdk

    if not hasattr(sdk, "DeadlineAlert"):
        pytest.skip("this Airflow has no deadlines")
    for dag in dags:
        said = specs[dag.dag_id.partition(".")[0]].get("dag", {}).get("deadline")
        alerts = dag.deadline or []
        alerts = alerts if isinstance(alerts, list) else [alerts]
        assert [alert.interval for alert in alerts] == ([span(said)] if said else [])
        # of one that counts from when its run was queued, no task can be cleared
        counted = {type(alert.reference).__name__ for alert in alerts}
        assert counted <= {"DagRunLogicalDateDeadline"}


@pytest.mark.parametrize(("kind", "count"), [("scheduled", 1), ("manual", 0)])
def test_only_a_scheduled_run_misses_its_deadline(caplog, kind, count):
    from slipway_airflow.deadlines import report_missed

    run = {"dag_id": "churn_risk.training", "dag_run_id": "run", "run_type": kind}
    asyncio.run(report_missed(minutes=360, context={"dag_run": run}))

    said = "deadline_missed dag_id=churn_risk.training run_id=run minutes=360"
    assert [record.getMessage() for record in caplog.records] == [said] * count


def test_each_dag_that_a_person_starts_has_typed_params_that_its_defaults_meet(dags):
    for dag in dags:
        assert set(dag.params) == PARAMS[dag.dag_id.rpartition(".")[2]]
        dag.params.validate()
        for name in dag.params:
            assert "type" in dag.params.get_param(name).schema, name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("canary_percent", 51),
        ("canary_percent", "10"),
        ("version", 0),
        ("force", "yes"),
        ("hyperparameters", {"max_iteration": 7}),
        ("hyperparameters", {"max_iterations": "many"}),
    ],
)
def test_a_param_of_another_type_is_refused_before_there_is_a_run(bags, name, value):
    from airflow.exceptions import ParamValidationError

    param = bags["own"].dags[f"{EXAMPLE}.training"].params.get_param(name)

    with pytest.raises(ParamValidationError):
        param.resolve(value)


def test_a_training_goes_from_the_run_to_the_endpoint_in_one_line(bags):
    assert line(bags["own"].dags[f"{EXAMPLE}.training"]) == [
        *("open_run", "extract", "quality", "preprocess"),
        *("train", "evaluate", "register", "deploy"),
    ]


def test_a_training_waits_for_a_person_where_its_model_asks_for_one(bags):
    dags = bags["golden"].dags

    assert line(dags["churn_risk.training"])[-3:] == ["register", "approval", "deploy"]
    assert line(dags["churn_scores.training"])[-2:] == ["register", "approval"]


def line(dag):
    """Return the tasks of a DAG in their order: each has one after it at most."""
    order, (task,) = [], dag.roots
    while True:
        order.append(task.task_id)
        if not task.downstream_list:
            return order
        (task,) = task.downstream_list


def test_tasks_are_shown_in_groups(bags):
    training = bags["golden"].dags["churn_risk.training"]

    assert set(training.task_group_dict) >= {"data", "model", "serving"}


@pytest.mark.parametrize(
    ("maker", "task", "follower", "asset"),
    [
        ("tumor_malignancy.training", "register", "monitoring", "version"),
        ("churn_scores.training", "approval", "scoring", "version"),
        ("churn_scores.scoring", "publish", "monitoring", "scores"),
    ],
)
def test_assets_link_the_pipelines(bags, maker, task, follower, asset):
    dags = bags["own"].dags | bags["golden"].dags
    model = maker.partition(".")[0]
    address = f"slipway://{model}/{asset}"

    assert [a.uri for a in dags[maker].get_task(task).outlets] == [address]
    followed = dags[f"{model}.{follower}"].timetable.asset_condition
    assert address in str(followed)


def test_only_tasks_load_what_speaks_http():
    import subprocess
    import sys

    modules = "slipway_airflow.operators, slipway_airflow.approvals"
    code = f"import sys, {modules}; print('httpx' in sys.modules)"
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
