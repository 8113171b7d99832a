"""Runs and steps that nobody takes further, and the command that takes them on."""

import datetime as dt

import pytest
from run_worker import context_of, step

from slipway.controller.claims import running
from slipway.controller.estate import Estate
from slipway.controller.lateness import abandoned
from slipway.controller.orm import Step
from slipway.controller.runs import end_run
from slipway.controller.states.chart import DAY, HOUR
from slipway.controller.steps.definition import Moves
from slipway.controller.stopping import stop_operations
from slipway.controller.store.due import Due
from slipway.controller.taking import take
from slipway.errors import IntegrityError
from slipway.testing.example_run import opened_example
from slipway.testing.invariants import history_is_the_state, no_stale_writer


class Place:
    """A run of the example model, the clock, and who looks after it."""

    def __init__(self, store, folder):
        self.ahead = 0.0
        store.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.ahead)
        self.store, self.context = store, context_of(store, folder)
        self.run = opened_example(self.context, "r2")

    def look(self):
        estate = Estate.open(self.context.settings, self.store, None, None)
        return [*abandoned(estate, Due(self.store.database, "local"))]

    def step(self, *triggers, name="extract"):
        place = {"model": self.run.model, "environment": "local"}
        self.store.add(Step(run_id="r2", name=name, **place), *triggers)

    def states(self):
        records = self.store.records
        return records.run("r2").state, [row.state for row in records.steps("r2")]


@pytest.fixture
def place(store, tmp_path):
    store.advance(store.records.run("r1"), "succeed")
    made = Place(store, tmp_path)
    yield made
    assert history_is_the_state(store.database) == []
    assert no_stale_writer(store.database) == []


@pytest.mark.parametrize(
    ("triggers", "deadline", "advice"),
    [
        ((), DAY, "invoke controller.up"),
        (("begin",), DAY, "same command"),
        (("begin", "ask_stop"), HOUR, "same command"),
    ],
)
def test_a_step_is_given_up_at_its_deadline_with_its_run(
    place, triggers, deadline, advice
):
    place.step(*triggers)
    place.ahead = deadline - 60
    assert place.look() == []

    place.ahead = deadline + 60
    [found] = place.look()

    assert place.states() == ("stuck", ["stuck"])
    assert (found.resource, found.name, found.new) == ("step", "r2 extract", True)
    assert "What to do:" in found.message
    assert advice in found.message
    assert [(f.message, f.new) for f in place.look()] == [(found.message, False)]
    row = place.store.records.step("r2", "extract")
    assert (row.reason, row.retryable) == (found.message, True)


def test_what_somebody_holds_is_never_given_up(place):
    place.step("begin")

    with running(place.context, place.run):
        place.ahead = 100 * DAY
        assert place.look() == []

    assert place.states() == ("running", ["running"])
    assert [found.name for found in place.look()] == ["r2 extract"]


def test_a_deadline_counts_from_when_the_run_was_held_last(place):
    place.step("begin")
    place.ahead = -2 * DAY
    row = place.store.records.step("r2", "extract")
    place.store.advance(row, ("fail", "retry"))
    with running(place.context, place.run):
        pass  # its command went on with it, and died now

    place.ahead = 0.0
    assert place.look() == []
    place.ahead = DAY + 60
    assert place.look() != []


def test_a_run_without_a_step_is_given_up_later_than_one_that_waits_for_a_person(place):
    place.ahead = 6 * DAY
    assert place.look() == []
    place.step("begin", "succeed")  # it moves: a person approves it in a week
    place.ahead = 8 * DAY
    assert place.look() == []

    place.ahead = 14 * DAY
    [found] = place.look()

    assert (found.resource, found.name) == ("run", "r2")
    assert place.states() == ("stuck", ["succeeded"])


def test_the_same_command_goes_on_where_it_was_given_up(place):
    place.step("begin")
    place.ahead = 2 * DAY
    place.look()
    work = step("d", Moves.NOTHING, lambda _task: {"done": True})

    with running(place.context, place.run) as held:
        report = take(held, place.run, work)
        end_run(held.store, place.run, "succeed")

    assert report.outcome == "succeeded"
    assert place.states() == ("succeeded", ["succeeded"])
    assert place.look() == []


def test_what_was_given_up_is_stopped_by_hand(place):
    place.step("begin")
    place.ahead = 2 * DAY
    place.look()

    stop_operations(place.context)

    assert place.states() == ("stopped", ["stopped"])


def test_a_run_that_ended_says_nothing_of_its_stuck_step_any_more(place):
    place.step("begin")
    place.ahead = 2 * DAY
    place.look()

    end_run(place.store, place.run, "fail", "not tried again")

    assert place.look() == []


@pytest.mark.parametrize("triggers", [("begin", "block"), ("begin", "give_up")])
def test_what_fails_before_it_begins_again_says_its_own_reason(place, triggers):
    place.step(*triggers)

    def refuse(_task):
        message = "the file is another one"
        raise IntegrityError(message)

    work = step("d", Moves.NOTHING, refuse)
    unread = type(work)(**{**vars(work), "reads": refuse})

    with (
        running(place.context, place.run) as held,
        pytest.raises(IntegrityError, match="another one"),
    ):
        take(held, place.run, unread)

    assert place.states()[1] == ["failed"]
