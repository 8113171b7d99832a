"""The operators and the trigger, against a controller in memory."""

import asyncio
from itertools import accumulate

import pytest
from task_rig import DAY, context, deferred, event_of, run, step

from slipway_airflow import client, triggers
from slipway_airflow.operators import OpenRun
from slipway_airflow.pauses import LAST, QUIET, pauses, waking_pauses
from slipway_airflow.problems import AirflowException, AirflowFailException

pytestmark = pytest.mark.usefixtures("no_pauses")


def test_the_first_task_opens_a_run_with_all_that_its_dag_run_says(controller, run_id):
    (opened,) = controller.opened

    assert run_id == "run-1"
    assert opened == {
        "model": "tumor_malignancy",
        "pipeline": "training",
        "key": "tumor_malignancy.training/scheduled__1",
        "trigger": "scheduled",
        "logical_date": DAY.isoformat(),
        "data_interval_start": DAY.isoformat(),
        "data_interval_end": DAY.isoformat(),
        "config": {},
        "spec_digest": "sha256:1",
    }


def test_a_repeated_first_task_opens_no_second_run(controller, run_id):
    again = run(OpenRun(task_id="open_run", spec_digest="sha256:1"), context())

    assert again == run_id
    assert len(controller.opened) == 1


def test_what_a_person_sets_reaches_the_controller_and_what_is_left_alone_does_not(
    controller,
):
    asked = context(force=True, canary_percent=None, hyperparameters={}, version=3)
    run(OpenRun(task_id="open_run", spec_digest="sha256:1"), asked)

    assert controller.opened[0]["config"] == {"force": True, "version": 3}


def test_a_step_is_asked_for_once_and_waited_for_to_its_end(controller, run_id):
    controller.reads = 3
    task = step()
    trigger = deferred(task, context(run_id))
    event = event_of(trigger)

    assert task.resume(context(run_id), event) == {"step": "train"}
    assert controller.jobs == {(run_id, "train"): 1}


def test_a_trigger_is_made_again_from_what_it_says_of_itself(controller, run_id):
    trigger = deferred(step(), context(run_id))
    path, fields = trigger.serialize()
    again = triggers.StepTrigger(**fields)

    assert path == "slipway_airflow.triggers.StepTrigger"
    assert event_of(again)["step"]["state"] == "succeeded"


def test_a_task_that_is_tried_again_attaches_to_the_job_that_runs(controller, run_id):
    controller.reads = 5
    deferred(step(), context(run_id))
    trigger = deferred(step(), context(run_id, try_number=2))

    assert event_of(trigger)["step"]["state"] == "succeeded"
    assert controller.jobs == {(run_id, "train"): 1}


def test_what_a_job_writes_is_in_the_tasks_log_once(controller, run_id, capsys):
    controller.reads = 3
    event_of(deferred(step(), context(run_id)))

    assert capsys.readouterr().out.count("a line of train") == 1


def test_a_terminal_failure_is_not_tried_again_and_begins_with_the_reason(
    controller, run_id
):
    reason = "AlgorithmError: not enough rows"
    controller.endings["train"] = {"state": "failed", "reason": reason}
    task = step()
    event = event_of(deferred(task, context(run_id)))

    with pytest.raises(AirflowFailException, match=f"^train of run run-1.*{reason}"):
        task.resume(context(run_id), event)
    assert controller.runs[run_id]["state"] == "failed"


@pytest.mark.parametrize("state", ["failed", "stuck"])
def test_a_retryable_failure_is_tried_again_and_its_run_goes_on(
    controller, run_id, state
):
    controller.endings["train"] = {
        "state": state,
        "retryable": True,
        "reason": "throttled",
    }
    task = step()
    event = event_of(deferred(task, context(run_id)))

    with pytest.raises(AirflowException) as raised:
        task.resume(context(run_id), event)
    assert not isinstance(raised.value, AirflowFailException)
    assert controller.runs[run_id]["state"] == "running"


def test_the_last_try_ends_the_run(controller, run_id):
    controller.endings["train"] = {
        "state": "failed",
        "retryable": True,
        "reason": "throttled",
    }
    task, asked = step(), context(run_id, try_number=2)
    event = event_of(deferred(task, asked))

    with pytest.raises(AirflowException):
        task.resume(asked, event)
    assert controller.runs[run_id]["state"] == "failed"


def test_the_last_step_ends_the_run(controller, run_id):
    task = step("deploy")
    task.resume(context(run_id), event_of(deferred(task, context(run_id))))

    assert controller.runs[run_id]["state"] == "succeeded"


def test_a_killed_task_stops_its_job(controller, run_id):
    task = step()
    deferred(task, context(run_id))
    task.on_kill()

    assert controller.steps[run_id, "train"]["state"] == "stopped"


def test_each_task_links_to_its_run(controller, run_id):
    task = step()
    (link,) = task.operator_extra_links
    before = link.get_link(task, ti_key=None)
    deferred(task, context(run_id))

    assert before == ""
    assert link.get_link(task, ti_key=None) == f"{controller.url}/v1/runs/{run_id}"


def test_a_step_that_takes_too_long_is_stopped(controller, run_id):
    controller.reads = 1000
    task = step()
    trigger = deferred(task, context(run_id))
    trigger.ends_at = 0.0

    with pytest.raises(AirflowFailException, match="took over 1:00:00"):
        task.resume(context(run_id), event_of(trigger))
    assert controller.steps[run_id, "train"]["state"] == "stopped"


@pytest.mark.parametrize(
    ("state", "then", "run"),
    [
        ("failed", "stopped", "failed"),
        ("success", "stopped", "running"),
        ("queued", "running", "running"),
    ],
)
def test_a_waiting_task_that_is_given_up_stops_its_job_and_a_cleared_one_does_not(
    controller, run_id, monkeypatch, state, then, run
):
    controller.reads = 1000
    trigger = deferred(step(), context(run_id))

    async def told():
        return state

    monkeypatch.setattr(trigger, "_task_state", told)
    asyncio.run(trigger.on_kill())

    assert controller.steps[run_id, "train"]["state"] == then
    assert controller.runs[run_id]["state"] == run


def test_a_trigger_that_is_cancelled_again_still_stops_its_job(
    controller, run_id, monkeypatch
):
    controller.reads = 1000
    trigger = deferred(step(), context(run_id))

    async def cancelled():
        asked = asyncio.Event()

        async def told():
            await asked.wait()
            return "failed"

        monkeypatch.setattr(trigger, "_task_state", told)
        killing = asyncio.ensure_future(trigger.on_kill())
        await asyncio.sleep(0)
        killing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await killing
        asked.set()
        await asyncio.gather(*triggers._LEAVING)

    asyncio.run(cancelled())

    assert controller.steps[run_id, "train"]["state"] == "stopped"
    assert controller.runs[run_id]["state"] == "failed"


def test_a_controller_that_is_ill_for_a_while_is_asked_again(controller, run_id):
    trigger = deferred(step(), context(run_id))
    controller.ill = 4

    assert event_of(trigger)["step"]["state"] == "succeeded"


def test_a_controller_that_is_not_there_fails_the_first_task_in_one_line(monkeypatch):
    nobody = '{"conn_type": "http", "host": "127.0.0.1", "port": 1}'
    monkeypatch.setenv("AIRFLOW_CONN_SLIPWAY", nobody)

    with pytest.raises(AirflowException, match="cannot be reached") as raised:
        run(OpenRun(task_id="open_run", spec_digest="sha256:1"), context())
    assert len(str(raised.value).splitlines()) == 1


def test_a_connection_that_is_not_there_is_told_how_to_add(monkeypatch):
    def get(name):
        raise client.AirflowNotFoundException(name)

    monkeypatch.setattr(client.Connection, "get", get)

    with pytest.raises(AirflowFailException, match="airflow connections add slipway"):
        run(OpenRun(task_id="open_run", spec_digest="sha256:1"), context())


def test_a_refused_token_is_told_and_not_tried_again(controller, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_SLIPWAY", controller.connection("wrong"))

    with pytest.raises(AirflowFailException, match="refused the token"):
        run(OpenRun(task_id="open_run", spec_digest="sha256:1"), context())


def test_a_param_out_of_range_fails_the_first_task(controller):
    with pytest.raises(AirflowFailException, match="canary_percent is 90"):
        run(
            OpenRun(task_id="open_run", spec_digest="sha256:1"),
            context(canary_percent=90),
        )


def test_an_unknown_model_fails_the_first_task(controller):
    asked = context()
    asked["dag_run"].dag_id = "no_model.training"

    with pytest.raises(AirflowFailException, match="there is no model 'no_model'"):
        run(OpenRun(task_id="open_run", spec_digest="sha256:1"), asked)


def test_a_step_whose_run_was_never_opened_says_what_to_clear(controller):
    with pytest.raises(AirflowFailException, match="clear open_run"):
        run(step(), context(None))


def test_pauses_grow_to_half_a_minute_and_no_two_triggers_keep_step():
    waits = [pause for pause, _ in zip(pauses(), range(200), strict=False)]

    assert max(waits[:2]) < 2 < max(waits)
    assert LAST / 2 <= min(waits[20:]) <= max(waits[20:]) <= LAST
    assert len(set(waits)) == len(waits)


def test_no_task_is_woken_while_airflow_waits_for_the_process_that_deferred_it():
    begins, ends = QUIET
    for _ in range(50):
        first = [pause for pause, _ in zip(waking_pauses(), range(20), strict=False)]
        looks = list(accumulate(first))

        assert looks[0] < begins
        assert [look for look in looks if begins < look < ends] == []
        assert max(first) <= LAST
