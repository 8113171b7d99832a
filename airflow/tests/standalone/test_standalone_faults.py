"""One training meets every fault while its job runs: nothing starts a second one.

Each test leaves the run waiting for the next one; the last ones let it go on.
"""

import psutil
import pytest
from standalone_checkout import HELD, changed_spec, said
from standalone_rig import PATIENCE, asks, held, release, task_process

from slipway.testing.waiting import wait_until

NAME, DAY = "battered", "2026-01-01"
CONFIG = {"hyperparameters": {"hold": NAME}, "force": True}
ONE_EACH = {"extract": 1, "preprocess": 1, "train": 1}


@pytest.fixture(scope="module")
def run(standalone):
    """A training whose job runs until it is let go."""
    return held(standalone, NAME, DAY)


@pytest.fixture(autouse=True)
def no_orphan(standalone):
    """After each fault, SageMaker knows no job that the ledger lacks."""
    yield
    found = standalone.controller.ask(f"/runs?model={HELD}&limit=200")["items"]
    rows = [row for run in found for row in standalone.operations(run["run_id"])]
    known = sorted(row["name"] for row in rows)
    assert known == sorted(standalone.job_names(HELD).elements())


def check_waits(run):
    """The run's training is the one job that runs, and its task waits for it."""
    run.await_state("train", "deferred")
    (job,) = run.rig.running_jobs(HELD)

    assert "train" in job
    assert run.jobs() == ONE_EACH
    assert len(run.controllers()) == 1


def check_done(run):
    assert run.await_end() == "success", run.tasks()
    assert set(run.tasks().values()) == {"success"}
    (opened,) = run.controllers()
    assert opened["state"] == "succeeded"
    assert {step["state"] for step in opened["steps"]} == {"succeeded"}
    assert run.jobs() == ONE_EACH
    assert run.rig.running_jobs(HELD) == []


def check_stopped(run):
    """The training that somebody gave up runs no more, and its run failed."""
    wait_until(
        lambda: run.controllers()[0]["state"] != "running", seconds=PATIENCE, pause=0.5
    )
    (opened,) = run.controllers()
    steps = {step["name"]: step["state"] for step in opened["steps"]}

    assert run.await_end() == "failed"
    assert opened["state"] == "failed"
    assert steps.pop("train") == "stopped"
    assert set(steps.values()) == {"succeeded"}
    assert run.jobs() == ONE_EACH
    assert run.rig.running_jobs(HELD) == []


def test_a_task_that_is_cleared_while_it_waits_attaches_to_its_job(run):
    tries = run.task("train")["try_number"]
    run.clear("train")
    wait_until(lambda: run.task("train")["try_number"] > tries, seconds=PATIENCE)

    check_waits(run)


def test_a_task_that_is_killed_while_it_asks_attaches_when_it_is_tried_again(run):
    port = int(run.rig.controller.url.split(":")[2].partition("/")[0])
    controller = said(run.rig.home.invoke("controller.up", "--json"))["pid"]
    with run.rig.frozen(controller):
        run.clear("train")
        run.await_state("train", "running")
        wait_until(lambda: task_process(run, "train"), seconds=PATIENCE)
        process = task_process(run, "train")
        wait_until(lambda: asks(process, port), seconds=PATIENCE)
        tries = run.task("train")["try_number"]
        process.kill()
        psutil.wait_procs([process], timeout=PATIENCE)
    wait_until(lambda: run.task("train")["try_number"] > tries, seconds=PATIENCE)

    check_waits(run)


def test_a_triggerer_that_is_killed_is_followed_by_another(run):
    def triggerer():
        return (run.task("train")["triggerer_job"] or {}).get("id")

    wait_until(triggerer, seconds=PATIENCE, pause=0.5)
    before = triggerer()
    run.rig.kill("triggerer")
    wait_until(lambda: triggerer() not in {None, before}, seconds=PATIENCE, pause=0.5)

    check_waits(run)


def test_a_scheduler_that_is_killed_leaves_the_job_alone(run):
    run.rig.kill("scheduler")

    check_waits(run)


def test_a_controller_that_is_down_for_a_while_is_asked_until_it_answers(run):
    attempt = run.task("train")["try_number"]
    said(run.rig.home.invoke("controller.down", "--json"))
    try:
        wait_until(
            lambda: run.log("train", attempt).count("cannot be reached") > 1,
            seconds=PATIENCE,
            pause=0.5,
        )
    finally:
        said(run.rig.home.invoke("controller.up", "--json"))

    check_waits(run)


def test_a_spec_that_changes_after_a_run_began_is_the_next_runs(run):
    with changed_spec(run.rig.home, HELD):
        run.clear("open_run")
        run.await_state("open_run", "success")
        late = run.rig.start(run.dag_id, "late", "2026-01-02")
        ended = late.await_end()

    assert (ended, late.tasks()["open_run"]) == ("failed", "failed")
    assert "invoke dag.render" in late.log("open_run", 1)
    assert late.controllers() == []
    frozen = run.controllers()[0]["parameters"]["spec"]
    assert frozen["hyperparameters"]["max_iterations"] == 1000
    check_waits(run)


def test_a_training_that_met_all_of_it_ends_with_one_job_per_step(run):
    release(run)

    check_done(run)


def test_a_dag_run_that_is_started_twice_with_one_key_is_one_run(run):
    (opened,) = run.controllers()
    run.delete()
    again = run.rig.start(run.dag_id, run.run_id, DAY, **CONFIG)

    check_done(again)
    assert again.controllers()[0]["run_id"] == opened["run_id"]


def test_a_task_that_is_marked_failed_while_it_waits_stops_its_job(standalone):
    run = held(standalone, "killed", "2026-01-03")
    run.mark("train", "failed")

    check_stopped(run)


def test_a_task_that_is_marked_failed_before_its_trigger_begins_stops_its_job(
    standalone,
):
    run = held(standalone, "marked", "2026-01-04")
    tries = run.task("train")["try_number"]
    with standalone.frozen(standalone.processes["triggerer"]):
        run.clear("train")
        wait_until(lambda: run.task("train")["try_number"] > tries, seconds=PATIENCE)
        run.await_state("train", "deferred")
        run.mark("train", "failed")

        check_stopped(run)
