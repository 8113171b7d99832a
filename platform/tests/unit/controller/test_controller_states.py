import itertools

import pytest

from slipway.controller.machine import next_state
from slipway.controller.states import CHARTS
from slipway.errors import IllegalTransitionError

PAIRS = [
    (chart.kind, state, trigger)
    for chart in CHARTS.values()
    for state, trigger in itertools.product(
        chart.names, sorted({arrow.trigger for arrow in chart.arrows})
    )
]


def target(kind, state, trigger):
    """What the table says, read without the library."""
    found = [
        arrow.target
        for arrow in CHARTS[kind].arrows
        if arrow.trigger == trigger and state in arrow.sources
    ]
    return found[0] if found else None


@pytest.mark.parametrize(("kind", "state", "trigger"), PAIRS)
def test_every_pair_of_state_and_trigger_does_what_its_table_says(kind, state, trigger):
    expected = target(kind, state, trigger)
    if expected is not None:
        assert next_state(kind, state, trigger) == expected
        return
    with pytest.raises(IllegalTransitionError) as refusal:
        next_state(kind, state, trigger)
    allowed = str(refusal.value).partition("from there it can: ")[2]
    arrows = [arrow for arrow in CHARTS[kind].arrows if state in arrow.sources]
    assert allowed == (
        ", ".join(f"{arrow.trigger} (to {arrow.target})" for arrow in arrows)
        or "nothing more"
    )


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_state_can_be_reached_and_no_arrow_is_ambiguous(chart):
    reached, waiting = set(), [chart.initial]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [a.target for a in chart.arrows if state in a.sources]
    assert reached == set(chart.names)
    pairs = [(a.trigger, source) for a in chart.arrows for source in a.sources]
    assert len(pairs) == len(set(pairs))


def test_a_trigger_that_no_chart_has_is_refused():
    with pytest.raises(IllegalTransitionError, match="explode"):
        next_state("run", "running", "explode")


def test_the_machines_hold_no_row_after_a_trigger():
    from slipway.controller.machine import _machine

    next_state("run", "running", "succeed")

    assert _machine("run").models == []


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_a_state_with_a_deadline_says_what_to_do_when_it_has_passed(chart):
    assert chart.unfinished <= set(chart.names)
    for state in chart.states:
        assert state.means
        assert state.advice or state.deadline is None


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_whatever_is_unfinished_can_still_end(chart):
    for state in chart.unfinished:
        reached, waiting = set(), [state]
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting += [a.target for a in chart.arrows if at in a.sources]
        assert reached - chart.unfinished
