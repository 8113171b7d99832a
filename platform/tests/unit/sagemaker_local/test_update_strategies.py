import pytest

from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.endpoints.strategies import rollback, scaling, update

ONE = {"primary": 1}
FOUR = {"primary": 4}


def percent(value):
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def count(value):
    return {"Type": "INSTANCE_COUNT", "Value": value}


def blue_green(kind, wait=0, termination=0, **sizes):
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": termination,
        }
    }


def rolling(size, wait=0, **more):
    policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait, **more}
    return {"RollingUpdatePolicy": policy}


def said(steps, variant="primary"):
    """Return what each step does to which fleet, and how many instances it is about."""
    return [(each.activity.value, each.fleet, each.counts[variant]) for each in steps]


def shares(steps, variant="primary"):
    return [each.shares[variant] for each in steps if each.shares]


def bakes(steps):
    return [(each.seconds, each.wait) for each in steps if each.wait]


def test_an_update_without_a_policy_shifts_all_traffic_at_once():
    steps = update({}, ONE, FOUR)

    assert said(steps) == [
        ("Creating", "new", 4),
        ("ActivatingTraffic", "new", 4),
        ("Baking", "new", 4),
    ]
    assert shares(steps) == [1.0]
    assert bakes(steps) == [(0, "TerminationWaitInSeconds")]


def test_a_canary_bakes_before_the_rest_follows():
    policy = blue_green("CANARY", wait=300, termination=120, CanarySize=count(1))
    steps = update(policy, FOUR, FOUR)

    assert said(steps) == [
        ("Creating", "new", 4),
        ("ActivatingTraffic", "new", 1),
        ("Baking", "new", 1),
        ("ActivatingTraffic", "new", 4),
        ("Baking", "new", 4),
    ]
    assert shares(steps) == [0.25, 1.0]
    assert bakes(steps) == [
        (300, "WaitIntervalInSeconds"),
        (120, "TerminationWaitInSeconds"),
    ]


def test_a_canary_of_a_single_instance_takes_its_percent_of_the_traffic():
    steps = update(blue_green("CANARY", CanarySize=percent(10)), ONE, ONE)

    assert shares(steps) == [0.1, 1.0]
    assert {each.counts["primary"] for each in steps} == {1}


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (percent(50), [0.5, 1.0]),
        (percent(33), [0.33, 0.66, 0.99, 1.0]),
        (percent(25), [0.25, 0.5, 0.75, 1.0]),
        (count(1), [0.25, 0.5, 0.75, 1.0]),
        (percent(10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    ],
)
def test_a_linear_update_goes_in_equal_steps(size, expected):
    steps = update(blue_green("LINEAR", wait=1, LinearStepSize=size), FOUR, FOUR)

    assert shares(steps) == pytest.approx(expected)
    assert len(bakes(steps)) == len(expected)


def test_variants_of_unequal_size_end_a_linear_update_together():
    both = {"large": 10, "small": 2}
    steps = update(blue_green("LINEAR", LinearStepSize=count(1)), both, both)

    assert shares(steps, "small")[:3] == [0.5, 1.0, 1.0]
    assert shares(steps, "large") == pytest.approx([n / 10 for n in range(1, 11)])


def test_a_rolling_update_replaces_batch_by_batch():
    steps = update(rolling(count(2), wait=60), {"primary": 5}, {"primary": 5})

    assert said(steps) == [
        ("Creating", "new", 2),
        ("ActivatingTraffic", "new", 2),
        ("Baking", "new", 2),
        ("Deleting", "old", 3),
        ("Creating", "new", 4),
        ("ActivatingTraffic", "new", 4),
        ("Baking", "new", 4),
        ("Deleting", "old", 1),
        ("Creating", "new", 5),
        ("ActivatingTraffic", "new", 5),
        ("Baking", "new", 5),
    ]
    assert shares(steps) == pytest.approx([0.4, 0.8, 1.0])
    assert bakes(steps) == [(60, "WaitIntervalInSeconds")] * 3


def test_a_rolling_update_to_fewer_instances_leaves_none_behind():
    steps = update(rolling(percent(50)), {"primary": 6}, {"primary": 2})

    assert said(steps) == [
        ("Creating", "new", 1),
        ("ActivatingTraffic", "new", 1),
        ("Baking", "new", 1),
        ("Deleting", "old", 5),
        ("Creating", "new", 2),
        ("ActivatingTraffic", "new", 2),
        ("Baking", "new", 2),
    ]


def test_the_way_back_of_a_complete_fleet_is_one_step():
    steps = rollback(blue_green("CANARY", CanarySize=percent(10)), FOUR, FOUR, ONE)

    assert said(steps) == [("ActivatingTraffic", "new", 0)]
    assert shares(steps) == [0.0]


def test_the_way_back_brings_the_whole_old_fleet_up_at_once():
    steps = rollback(rolling(count(1)), FOUR, {"primary": 2}, {"primary": 2})

    assert said(steps) == [("Creating", "old", 4), ("ActivatingTraffic", "new", 0)]


def test_the_way_back_goes_in_batches_where_the_policy_says_so():
    policy = rolling(count(1), RollbackMaximumBatchSize=count(1))
    steps = rollback(policy, FOUR, {"primary": 2}, {"primary": 2})

    assert said(steps) == [
        ("Creating", "old", 3),
        ("ActivatingTraffic", "new", 1),
        ("Deleting", "new", 1),
        ("Creating", "old", 4),
        ("ActivatingTraffic", "new", 0),
    ]
    assert shares(steps) == [0.25, 0.0]


def test_each_step_says_what_it_does_in_awss_words():
    policy = blue_green("CANARY", wait=600, CanarySize=count(1))
    messages = [each.message("primary", {}) for each in update(policy, FOUR, FOUR)]

    assert messages[:3] == [
        "Launching 4 instance(s).",
        "Activating traffic on canary capacity of 1 instance(s).",
        (
            "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on "
            "canary capacity of 1 instance(s)."
        ),
    ]
    assert messages[-1] == (
        "Baking for 0 seconds (TerminationWaitInSeconds) with traffic enabled on full "
        "capacity of 4 instance(s)."
    )


def test_a_change_of_capacity_says_which_way_it_goes():
    [step] = scaling({"a": 6, "b": 1}, {"c": 2.5})
    held = {"a": 3, "b": 2, "c": 1}

    assert step.message("a", held) == "Scaling out desired instance count to 6."
    assert step.message("b", held) == "Scaling in desired instance count to 1."
    assert step.message("c", held) == "Updating desired weight to 2.5."


def test_progress_is_read_as_it_was_written():
    steps = update(rolling(count(1)), FOUR, FOUR)
    progress = Progress(steps, began_at=1.0, since=1.0, held={"old": FOUR})
    for now in (2.0, 3.0, 4.0, 5.0):
        progress = progress.after(progress.step, now)

    assert Progress.of_json(progress.json()) == progress
    assert progress.held == {"old": {"primary": 3}, "new": {"primary": 1}}
    assert progress.shares == {"primary": 0.25}
    assert (progress.position, progress.since, progress.began_at) == (4, 5.0, 1.0)
