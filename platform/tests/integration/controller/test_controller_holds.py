"""Deployments that hold for days, on SageMaker in memory and its clock."""

import pytest

from slipway.controller.deployments import deploy, promote, roll_back
from slipway.controller.estate import Estate
from slipway.controller.pace import Pace
from slipway.controller.reconcile import reconcile
from slipway.controller.states.chart import DAY
from slipway.errors import HeldError
from slipway.testing.invariants import history_is_the_state
from slipway.testing.rollout_world import CANARY, RolloutWorld


@pytest.fixture
def world(database, tmp_path):
    """A world whose version 1 serves; a canary of version 2 has no data."""
    made = RolloutWorld(database, tmp_path)
    deploy(made.context(), "r1", made.version("a"))
    made.version("b")
    yield made
    assert history_is_the_state(database) == []


@pytest.fixture
def later(world, tmp_path):
    """Let days pass, with a look of the reconciler on each; return the last report."""
    pace = Pace(5.0, sleep=world.sagemaker.clock.sleep, draw=lambda: 0.5)
    estate = Estate("local", "b", world.store, world.sagemaker, None, pace, tmp_path)

    def passed(days):
        for _ in range(days):
            world.sagemaker.clock.sleep(DAY)
            report = reconcile(estate, lambda _text: None)
        return report

    return passed


def canary(world):
    versions = world.store.records.versions("churn", "local")
    deploy(world.context(**CANARY), "r1", versions[0])


def test_a_hold_of_days_is_not_stuck_and_a_person_still_promotes_it(world, later):
    with pytest.raises(HeldError):
        canary(world)

    report = later(days=5)

    assert [found.kind for found in report.findings] == []
    assert (world.last.state, world.served) == ("holding", "1")
    rollout = promote(world.context(**CANARY), None, "asked often enough by now")
    assert rollout.version == world.champion == 2
    assert world.served == "2"


def test_what_is_changed_by_hand_during_a_hold_is_reported(world, later):
    with pytest.raises(HeldError):
        canary(world)
    world.sagemaker.endpoints[world.endpoint].count = 4

    [found] = later(days=1).findings

    assert "4 instances" in found.message


def test_a_hold_of_days_is_ended_by_a_person(world, later):
    with pytest.raises(HeldError):
        canary(world)
    later(days=5)

    assert roll_back(world.context(), "not this year").version == 1
    assert (world.last.state, world.champion) == ("aborted", 1)


def test_a_hold_whose_command_died_before_it_was_taken_back_is_stuck_after_a_day(
    world, later
):
    alarms = world.sagemaker.alarms
    real = alarms.states

    def dies_once_it_holds(names):
        if world.last.state == "holding":
            raise SystemExit
        return real(names)

    alarms.states = dies_once_it_holds
    with pytest.raises(SystemExit):
        canary(world)
    alarms.states = real
    assert not world.last.progress.get("taken_back")

    report = later(days=2)

    [found] = [one for one in report.findings if one.resource == "deployment"]
    assert found.kind == "stuck"
    assert "invoke promote, or invoke rollback" in found.message
    assert world.last.state == "stuck"
