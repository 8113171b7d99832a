"""Plans: what a spec makes of its DAGs."""

import ast
import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from slipway.controller.steps.pipeline import TO_DEPLOY, TO_PUBLISH, TO_REGISTER
from slipway.dags import plan_dags
from slipway.dags.render import file_name, render
from slipway.spec import ModelSpec

HOWTO = Path(__file__).parents[4] / "docs" / "howto" / "schedule-with-airflow.md"
COLUMNS = {
    "id": {"type": "integer"},
    "left": {"type": "integer"},
}


def spec(**changes):
    known = {
        "name": "churn_risk",
        "owner": "risk@example.com",
        "columns": COLUMNS,
        "description": "Who leaves",
        "key": "id",
        "target": "left",
    }
    return ModelSpec.model_validate(known | changes)


def training(**changes):
    return plan_dags(spec(**changes))[0]


def steps_of(plan):
    return [task.task_id for task in plan.tasks if task.operator == "Step"]


def pipelines_of(**changes):
    return [plan.pipeline for plan in plan_dags(spec(**changes))]


def test_a_model_is_scored_in_batches_when_its_mode_or_its_schedule_says_so():
    by_clock = {"scoring_schedule": "0 6 * * *"}

    assert pipelines_of() == ["training", "monitoring"]
    assert pipelines_of(dag=by_clock) == ["training", "scoring", "monitoring"]
    assert pipelines_of(mode="batch") == ["training", "scoring", "monitoring"]


def test_assets_take_a_batch_model_from_its_version_to_its_scores_and_on():
    training, scoring, monitoring = plan_dags(spec(mode="batch"))

    assert (
        training.tasks[-1].outlet == scoring.follows == "slipway://churn_risk/version"
    )
    assert (
        scoring.tasks[-1].outlet == monitoring.follows == "slipway://churn_risk/scores"
    )


def test_the_steps_of_a_scoring_are_the_controllers_own():
    _, scoring, _ = plan_dags(spec(mode="batch"))

    assert steps_of(scoring) == [step.name for step in TO_PUBLISH]


def test_the_steps_of_a_training_are_the_controllers_own():
    assert steps_of(training()) == [step.name for step in TO_DEPLOY]


def test_a_model_that_scores_files_is_trained_up_to_its_version():
    assert steps_of(training(mode="batch")) == [step.name for step in TO_REGISTER]


def test_a_version_that_waits_for_a_person_is_approved_before_it_is_deployed():
    plan = training(approval="person", dag={"approval_timeout": "3d"})
    *_, register, approval, deploy = plan.tasks

    assert [task.task_id for task in (register, approval, deploy)] == [
        *("register", "approval", "deploy")
    ]
    assert (register.outlet, approval.outlet) == ("", "slipway://churn_risk/version")
    assert (approval.operator, approval.timeout_minutes) == ("Approval", 3 * 24 * 60)
    assert steps_of(plan) == [step.name for step in TO_DEPLOY]


def test_a_batch_of_scores_waits_for_the_approved_version_too():
    training, scoring, _ = plan_dags(spec(mode="batch", approval="person"))

    assert training.tasks[-1].task_id == "approval"
    assert training.tasks[-1].outlet == scoring.follows


def test_what_the_spec_says_of_its_dags_is_in_each_plan():
    dag = {
        "tags": ["oncology"],
        "pool": "training",
        "retries": 5,
        "timeout": "90m",
        "deadline": "1d",
        "max_active_runs": 2,
        "catchup": True,
        "start_date": "2026-02-03",
    }
    for plan in plan_dags(spec(dag=dag, schedule="0 5 * * *")):
        assert plan.tags == ("slipway", plan.pipeline, "endpoint", "oncology")
        assert (plan.pool, plan.retries, plan.timeout_minutes) == ("training", 5, 90)
        assert (plan.deadline_minutes, plan.max_active_runs) == (1440, 2)
        assert (plan.catchup, plan.start_date.isoformat()) == (True, "2026-02-03")


def test_a_monitoring_follows_each_new_version_unless_it_has_a_schedule():
    _, by_version = plan_dags(spec())
    _, by_clock = plan_dags(spec(dag={"monitoring_schedule": "0 7 * * *"}))

    assert (by_version.schedule, by_version.follows) == (
        None,
        "slipway://churn_risk/version",
    )
    assert (by_clock.schedule, by_clock.follows) == ("0 7 * * *", "")


def test_another_spec_has_another_digest():
    assert training().spec_digest == training().spec_digest
    assert training(
        split={"train": 0.8, "validation": 0.1, "test": 0.1}
    ).spec_digest != (training().spec_digest)


def test_a_rendered_file_is_python_that_reads_no_file_and_no_network():
    plans = plan_dags(spec(mode="batch", dag={"deadline": "6h"}, approval="person"))
    for plan in plans:
        tree = ast.parse(render(plan))
        modules = {
            node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        assert {name.split(".")[0] for name in modules} <= {
            *("airflow", "datetime", "slipway_airflow")
        }


@pytest.mark.parametrize(
    "text",
    ['"""\nimport os', "a 'quote' and a \\", "{braces} {{ jinja }}", "é 中 \u2028"],
)
def test_no_text_of_a_spec_becomes_code(text):
    plan = training(description=text, owner=text)
    tree = ast.parse(render(plan))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}

    assert text in texts
    assert len(tree.body) == len(ast.parse(render(training())).body)


def test_an_infinite_hyperparameter_is_python_too():
    plan = training(hyperparameters={"limit": float("inf")})

    assert "float('inf')" in render(plan)


def test_no_file_is_called_as_a_package_could_be():
    assert [file_name(plan) for plan in plan_dags(spec())] == [
        "churn_risk_training.py",
        "churn_risk_monitoring.py",
    ]


def test_the_how_to_shows_what_model_yaml_takes():
    text = HOWTO.read_text(encoding="utf-8")
    [block] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    said = yaml.safe_load(dedent(block))
    plan = training(**said)

    assert (plan.schedule, plan.deadline_minutes) == ("0 5 1 * *", 6 * 60)
    assert plan.tags[-1] == "oncology"
