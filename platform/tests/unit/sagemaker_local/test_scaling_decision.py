import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.sagemaker_local.autoscaling.decision import (
    Capacity,
    Change,
    Policy,
    decide,
)

TARGET = 100.0
HIGH = [None] * 12 + [250.0] * 3
LOW = [40.0] * 15


def policy(datapoints, **changes):
    return Policy(
        **{"name": "p", "target": TARGET, "datapoints": datapoints, **changes}
    )


def capacity(**changes):
    return Capacity(**{"current": 2, "least": 1, "most": 10, **changes})


def change(datapoints, **changes):
    return decide([policy(datapoints)], capacity(**changes))


def test_three_high_datapoints_scale_out_in_proportion():
    assert change(HIGH) == Change(5, "p", "High")


@pytest.mark.parametrize(
    "datapoints",
    [
        [250.0] * 2,
        [250.0, None, 250.0],
        [250.0, 100.0, 250.0],
        [],
    ],
    ids=["too few", "a gap", "one at the target", "none"],
)
def test_less_than_that_scales_nothing_out(datapoints):
    assert change(datapoints) is None


def test_fifteen_low_datapoints_scale_in_by_the_busiest():
    assert change(LOW, current=5) == Change(2, "p", "Low")
    assert change([*LOW[:-1], 61.0], current=5) == Change(4, "p", "Low")


@pytest.mark.parametrize(
    "datapoints",
    [LOW[1:], [*LOW[:-1], None], [*LOW[:-1], 90.0]],
    ids=["too few", "a gap", "one at nine tenths"],
)
def test_less_than_that_scales_nothing_in(datapoints):
    assert change(datapoints, current=5) is None


def test_no_demand_scales_in_to_the_least():
    assert change([0.0] * 15, current=5, least=2) == Change(2, "p", "Low")


def test_the_most_is_the_most():
    assert change([1e9] * 3, most=4) == Change(4, "p", "High")
    assert change([1e9] * 3, current=4, most=4) is None


def test_what_is_suspended_does_not_happen():
    assert change(HIGH, scale_out_suspended=True) is None
    assert change(LOW, current=5, scale_in_suspended=True) is None
    assert change(HIGH, scale_in_suspended=True) is not None
    assert change(LOW, current=5, scale_out_suspended=True) is not None


def test_a_policy_may_be_for_scaling_out_alone():
    alone = policy(LOW, disable_scale_in=True)

    assert decide([alone], capacity(current=5)) is None


def test_in_the_cooldown_only_a_larger_need_scales_out():
    cooling = {"current": 5, "before_out": 2, "since_out": 299.0}

    assert change(HIGH, **cooling) is None
    assert change([None, 400.0, 400.0, 400.0], **cooling) == Change(8, "p", "High")
    assert change(HIGH, **{**cooling, "since_out": 300.0}) == Change(10, "p", "High")


def test_the_cooldown_of_scaling_in_stops_scaling_in_alone():
    assert change(LOW, current=5, since_in=299.0) is None
    assert change(LOW, current=5, since_in=300.0) is not None
    assert change(HIGH, since_in=1.0) is not None


def test_of_several_policies_the_one_that_wants_most_decides():
    small, large = policy(HIGH, name="small"), policy([900.0] * 3, name="large")

    assert decide([small, large], capacity()) == Change(10, "large", "High")


def test_all_policies_must_agree_to_scale_in():
    low, idle = policy([20.0] * 15, name="low"), policy(LOW, name="idle")
    unsure = policy([None] * 15)
    alone = policy([None] * 15, disable_scale_in=True)
    five = capacity(current=5)

    assert decide([low, idle], five) == Change(2, "idle", "Low")
    assert decide([low, unsure], five) is None
    assert decide([low, alone], five) == Change(1, "low", "Low")


def test_without_a_policy_nothing_changes():
    assert decide([], capacity()) is None


values = st.lists(
    st.none() | st.floats(0, 1e6, allow_nan=False), min_size=0, max_size=15
)
capacities = st.builds(
    lambda least, extra, offset, **rest: Capacity(
        least=least,
        most=least + extra,
        current=least + min(offset, extra),
        before_out=least,
        **rest,
    ),
    least=st.integers(1, 5),
    extra=st.integers(0, 20),
    offset=st.integers(0, 20),
    scale_in_suspended=st.booleans(),
    scale_out_suspended=st.booleans(),
    since_out=st.none() | st.floats(0, 1000),
    since_in=st.none() | st.floats(0, 1000),
)


@given(st.lists(values, max_size=3), capacities)
def test_a_change_is_a_change_within_the_bounds(metrics, known):
    policies = [policy(each, name=str(n)) for n, each in enumerate(metrics)]
    found = decide(policies, known)

    if found is not None:
        assert known.least <= found.capacity <= known.most
        assert (found.capacity > known.current) == (found.side == "High")
        assert found.capacity != known.current


@given(values, st.floats(1e-300, 1e300), capacities)
def test_any_target_decides_something_within_the_bounds(metric, target, known):
    found = decide([policy(metric, target=target)], known)

    assert found is None or known.least <= found.capacity <= known.most


@given(values, capacities)
def test_a_scale_in_brings_no_metric_above_its_target(metric, known):
    found = decide([policy(metric)], known)

    if found is not None and found.side == "Low":
        busiest = max(value for value in metric if value is not None)
        assert busiest * known.current / found.capacity <= TARGET * (1 + 1e-9)


@given(values, capacities)
def test_suspending_both_ways_stops_everything(metric, known):
    still = dataclasses.replace(
        known, scale_in_suspended=True, scale_out_suspended=True
    )

    assert decide([policy(metric)], still) is None
