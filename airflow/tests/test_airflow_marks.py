"""What a person's mark on a task does, as Airflow's API tells the plugin of it."""

from types import SimpleNamespace

import pytest
from airflow.listeners.listener import get_listener_manager
from task_rig import context, deferred, step

pytestmark = pytest.mark.usefixtures("no_pauses")

RUN = context()["dag_run"]


@pytest.fixture
def told(monkeypatch):
    """Tell Airflow's listeners of a task's new state, and wait for what they begin."""
    from slipway_airflow import marks

    class AtOnce:
        def __init__(self, *, target, args, daemon):
            assert daemon
            self.start = lambda: target(*args)

    monkeypatch.setattr(marks, "Thread", AtOnce)
    hook = get_listener_manager().hook

    def tell(state, *, before=None, task_id="train", operator="Step", error="by hand"):
        ti = SimpleNamespace(
            dag_id=RUN.dag_id, run_id=RUN.run_id, task_id=task_id, operator=operator
        )
        known = {"previous_state": before, "task_instance": ti}
        if state == "failed":
            known["error"] = error
        getattr(hook, f"on_task_instance_{state}")(**known)

    return tell


@pytest.fixture
def waiting(controller, run_id):
    """A training that runs, and whose task waits for it."""
    controller.reads = 1000
    deferred(step(), context(run_id))
    return controller.steps[run_id, "train"]


@pytest.mark.parametrize(
    ("state", "run"), [("failed", "failed"), ("success", "running")]
)
def test_a_task_that_somebody_marks_stops_its_job_before_its_trigger_has_begun(
    controller, run_id, waiting, told, state, run
):
    told(state)

    assert waiting["state"] == "stopped"
    assert controller.runs[run_id]["state"] == run


def test_a_task_that_ends_by_itself_is_left_alone(controller, run_id, waiting, told):
    controller.asked.clear()
    told("failed", before="running")

    assert controller.asked == []
    assert (waiting["state"], controller.runs[run_id]["state"]) == ("running",) * 2


def test_a_task_of_another_operator_is_nobodys(controller, waiting, told):
    controller.asked.clear()
    told("failed", operator="BashOperator")

    assert controller.asked == []
    assert waiting["state"] == "running"


def test_a_task_that_never_asked_for_its_step_ends_the_run_alone(
    controller, run_id, told
):
    told("failed", task_id="approval", operator="Approval")

    assert controller.runs[run_id]["state"] == "failed"
    assert (
        controller.runs[run_id]["reason"] == "approval was marked as failed in Airflow"
    )


def test_a_dag_run_that_opened_no_run_has_nothing_to_stop(controller, told):
    told("failed")

    assert [method for method, _path in controller.asked] == ["GET"]


def test_a_mark_stands_where_the_controller_does_not_answer(told, monkeypatch, caplog):
    nobody = '{"conn_type": "http", "host": "127.0.0.1", "port": 1}'
    monkeypatch.setenv("AIRFLOW_CONN_SLIPWAY", nobody)
    told("failed")

    assert "train of scheduled__1 is not stopped" in caplog.text
    assert "cannot be reached" in caplog.text
