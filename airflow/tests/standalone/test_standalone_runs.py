"""A whole run in Airflow as people run it: its scheduler, its triggerer, its API."""

STEPS = (
    *("extract", "quality", "preprocess"),
    *("train", "evaluate", "register", "deploy"),
)


def test_invoke_runs_a_dag_to_its_end_and_prints_the_states(airflow, controller):
    outcome = airflow.invoke(
        *("airflow.run", "--json", "--model", "tumor_malignancy"),
        *("--date", "2026-01-10"),
    )
    runs = {run["key"].rpartition("/")[2]: run for run in controller.runs.values()}
    run_id = runs["invoke__2026-01-10"]["run_id"]

    assert outcome.exit_code == 0, outcome.errors
    assert set(outcome.data["tasks"].values()) == {"success"}
    assert {
        step: count for (run, step), count in controller.jobs.items() if run == run_id
    } == dict.fromkeys(STEPS, 1)
