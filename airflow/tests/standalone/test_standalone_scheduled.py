"""The example's DAG in Airflow as `invoke airflow.up` starts it."""

from urllib.error import HTTPError

import pytest
from standalone_checkout import EXAMPLE, UNRENDERED, changed_spec, said
from standalone_rig import PATIENCE

from slipway.testing.waiting import wait_until

DAG = f"{EXAMPLE}.training"
ONE_EACH = {"extract": 1, "preprocess": 1, "train": 1}
#: The days of the backfill.
DAYS = [f"2026-01-{day:02d}" for day in range(11, 16)]


def test_a_scheduled_run_goes_from_the_script_to_an_endpoint_that_answers(standalone):
    standalone.unpause(DAG)
    path = f"/dags/{DAG}/dagRuns?run_type=scheduled"
    wait_until(
        lambda: standalone.airflow.ask(path)["dag_runs"], seconds=PATIENCE, pause=0.5
    )
    (found,) = standalone.airflow.ask(path)["dag_runs"]
    run = standalone.dag_run(DAG, found["dag_run_id"])
    ended = run.await_end()
    (opened,) = run.controllers()
    answer = said(standalone.home.invoke("predict", "--model", EXAMPLE, "--json"))

    assert ended == "success", run.tasks()
    assert run.jobs() == ONE_EACH
    assert opened["state"] == "succeeded"
    assert opened["parameters"]["facts"]["trigger"] == "scheduled"
    register = next(step for step in opened["steps"] if step["name"] == "register")
    assert answer["model"]["version"] == str(register["outputs"]["version"])


def test_invoke_runs_a_dag_to_its_end_and_one_that_failed_goes_on_when_asked_again(
    standalone,
):
    words = ("airflow.run", "--model", EXAMPLE, "--date", "2026-01-31", "--json")
    with changed_spec(standalone.home, EXAMPLE):
        failed = standalone.home.invoke(*words)
    ran = said(standalone.home.invoke(*words))

    assert failed.exit_code == 1
    assert failed.data["state"] == "failed"
    assert failed.data["tasks"]["open_run"] == "failed"
    assert "invoke dag.render" in failed.data["reasons"]["open_run"]
    assert (ran["run_id"], ran["state"]) == (failed.data["run_id"], "success")
    assert set(ran["tasks"].values()) == {"success"}
    assert len(ran["tasks"]) == 8


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model", "tumour"), "There is no model 'tumour'"),
        (("--model", EXAMPLE, "--date", "2026-02-30"), "'2026-02-30' is not a date"),
        (("--model", EXAMPLE, "--pipeline", "scoring"), "no pipeline 'scoring'"),
        (("--model", UNRENDERED), "invoke dag.render"),
    ],
)
def test_a_run_that_cannot_be_is_refused_in_one_line(standalone, words, says):
    refused = standalone.home.invoke("airflow.run", *words)

    assert refused.exit_code == 2
    assert says in refused.errors
    assert len(refused.errors.splitlines()) == 1


def test_a_param_out_of_range_starts_no_run(standalone):
    with pytest.raises(HTTPError) as raised:
        standalone.start(DAG, "wrong", "2026-01-20", canary_percent=90)
    with raised.value as answer:
        detail = answer.read().decode()

    assert answer.code == 400
    assert "canary_percent" in detail


def test_a_backfill_of_five_days_makes_five_runs_with_parameters_of_their_own(
    standalone,
):
    body = {
        "dag_id": DAG,
        "from_date": f"{DAYS[0]}T00:00:00Z",
        "to_date": f"{DAYS[-1]}T23:00:00Z",
        "max_active_runs": 2,
        "dag_run_conf": {"force": True},
    }
    made = standalone.airflow.ask("/backfills", body)
    most = 0

    def is_done():
        nonlocal most
        running = standalone.airflow.ask(
            f"/dags/{DAG}/dagRuns?run_type=backfill&state=running"
        )
        most = max(most, running["total_entries"])
        return standalone.airflow.ask(f"/backfills/{made['id']}")["completed_at"]

    wait_until(is_done, seconds=2 * PATIENCE, pause=1)
    path = f"/dags/{DAG}/dagRuns?run_type=backfill&order_by=logical_date"
    runs = [
        standalone.dag_run(DAG, each["dag_run_id"])
        for each in standalone.airflow.ask(path)["dag_runs"]
    ]
    opened = [run.controllers()[0] for run in runs]

    assert [run.state() for run in runs] == ["success"] * 5
    assert [run["run_date"] for run in opened] == DAYS
    assert [run["parameters"]["parameters"]["as_of"] for run in opened] == DAYS
    assert {run["parameters"]["facts"]["trigger"] for run in opened} == {"backfill"}
    assert {run["state"] for run in opened} == {"succeeded"}
    assert len({run["run_id"] for run in opened}) == 5
    assert [run.jobs() for run in runs] == [ONE_EACH] * 5
    assert 1 <= most <= 2
