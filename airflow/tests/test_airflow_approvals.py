"""A person's word on a version, waited for against a controller in memory."""

import asyncio
from datetime import timedelta

import pytest
from task_rig import context, deferred, event_of, run, step

from slipway_airflow.approvals import Approval
from slipway_airflow.problems import AirflowFailException, AirflowSkipException
from slipway_airflow.version_trigger import VersionTrigger

pytestmark = pytest.mark.usefixtures("no_pauses")


def approval():
    return Approval(task_id="approval", execution_timeout=timedelta(days=7))


def judge(controller, word):
    controller.answer("POST", f"/v1/versions/tumor_malignancy/3/{word}", {})


@pytest.fixture
def registered(controller, run_id):
    """A run whose version 3 waits for a person."""
    event_of(deferred(step("register"), context(run_id)))
    controller.version = "registered"
    return run_id


def test_it_waits_until_somebody_approves_and_hands_the_version_on(
    controller, registered
):
    task, asked = approval(), context(registered)
    trigger = deferred(task, asked)
    looks = [look(trigger) for _ in range(3)]
    judge(controller, "approve")

    assert looks == [None] * 3
    assert task.resume(asked, event_of(trigger)) == {"version": 3}


def look(trigger):
    """Return what the trigger sees when it asks once."""
    from slipway_airflow.client import find_controller_async

    async def once():
        return await trigger._look(await find_controller_async())

    return asyncio.run(once())


def test_a_version_that_was_judged_before_is_not_waited_for(controller, registered):
    judge(controller, "approve")

    assert run(approval(), context(registered)) == {"version": 3}


@pytest.mark.parametrize("state", ["champion", "superseded"])
def test_a_version_that_somebody_deployed_meanwhile_is_approved(
    controller, registered, state
):
    controller.version = state

    assert run(approval(), context(registered)) == {"version": 3}


def test_a_refused_version_skips_what_follows_and_ends_the_run_with_the_reason(
    controller, registered
):
    task, asked = approval(), context(registered)
    trigger = deferred(task, asked)
    judge(controller, "reject")

    with pytest.raises(AirflowSkipException, match="rejected: wrong for children"):
        task.resume(asked, event_of(trigger))
    ended = controller.runs[registered]
    assert (ended["state"], ended["reason"]) == (
        "failed",
        "version 3 of tumor_malignancy is rejected: wrong for children",
    )


def test_a_version_that_nobody_judges_in_time_fails_and_says_how_to_go_on(
    controller, registered
):
    task, asked = approval(), context(registered)
    trigger = deferred(task, asked)
    trigger.ends_at = 0.0

    with pytest.raises(AirflowFailException, match=r"invoke approve .*--version 3"):
        task.resume(asked, event_of(trigger))
    assert controller.version == "registered"


def test_a_killed_approval_leaves_the_version_and_stops_nothing(controller, registered):
    task = approval()
    deferred(task, context(registered))
    asked = len(controller.asked)
    task.on_kill()

    assert controller.version == "registered"
    assert len(controller.asked) == asked


def test_a_trigger_is_made_again_from_what_it_says_of_itself(controller, registered):
    path, known = deferred(approval(), context(registered)).serialize()
    judge(controller, "approve")

    assert path == "slipway_airflow.version_trigger.VersionTrigger"
    assert event_of(VersionTrigger(**known))["version"]["state"] == "approved"
