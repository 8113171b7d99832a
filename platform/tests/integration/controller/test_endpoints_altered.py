"""What was changed by hand of an endpoint that a deployment left, in memory."""

import pytest

from slipway.controller.deployments import deploy
from slipway.controller.reconcile import reconcile
from slipway.sagemaker.scaling import Bounds


@pytest.fixture
def look(serving):
    """Take a pass; return the findings. Version 1 serves."""

    def passed():
        report = reconcile(serving.estate(), lambda _text: None)
        assert report.skipped == ()
        return list(report.findings)

    return passed


def live(world):
    return world.sagemaker.endpoints[world.endpoint]


def config(world):
    return world.sagemaker.made["EndpointConfig", live(world).config]


def test_what_a_deployment_left_is_no_drift(serving, look):
    kept = serving.store.records.endpoint(serving.endpoint)

    assert kept.made_at == live(serving).made_at
    assert kept.capacity == {"primary": {"DesiredInstanceCount": 1}}
    assert look() == []


def another_config(world):
    variants = config(world)["ProductionVariants"]
    given = {**variants[0], "InstanceType": "ml.m5.24xlarge"}
    place = ("EndpointConfig", live(world).config)
    world.sagemaker.made[place] = {
        **world.sagemaker.made[place],
        "ProductionVariants": [given],
    }


def another_model(world):
    name = config(world)["ProductionVariants"][0]["ModelName"]
    made = world.sagemaker.made["Model", name]
    image = {**made["PrimaryContainer"], "Image": "registry/other"}
    world.sagemaker.made["Model", name] = {**made, "PrimaryContainer": image}


def more_instances(world):
    live(world).count = 4


@pytest.mark.parametrize(
    ("by_hand", "said"),
    [
        (another_config, "ProductionVariants[0].InstanceType 'ml.m5.24xlarge', not"),
        (another_model, "PrimaryContainer.Image 'registry/other', not 'registry/a'"),
        (more_instances, "'primary' has 4 instances, not 1"),
    ],
)
def test_what_was_changed_under_its_name_is_drift(serving, look, by_hand, said):
    by_hand(serving)

    [first], [second] = look(), look()

    assert said in first.message
    assert (first.kind, first.new, second.new) == ("drift", True, False)
    assert serving.store.records.endpoint(serving.endpoint).state == "drifted"


def test_drift_that_became_another_one_is_told_anew(serving, look):
    more_instances(serving)
    look()
    live(serving).count = 5

    [other] = look()

    assert "5 instances" in other.message
    assert other.new


@pytest.mark.parametrize(("count", "findings"), [(3, 0), (9, 1)])
def test_instances_within_what_autoscaling_allows_are_no_drift(
    serving, look, count, findings
):
    place = (serving.endpoint, "primary")
    serving.sagemaker.scaling.held[place] = Bounds(1, 8)
    live(serving).count = count

    assert len(look()) == findings


def test_the_next_deployment_says_what_capacity_is_right(serving, look):
    more_instances(serving)
    assert look() != []

    versions = serving.store.records.versions("churn", "local")
    deploy(serving.context(), "r1", versions[0])

    assert live(serving).count == 4
    assert look() == []


def test_an_endpoint_that_a_deployment_made_anew_is_ours(serving, look):
    del serving.sagemaker.endpoints[serving.endpoint]
    [gone] = look()
    versions = serving.store.records.versions("churn", "local")
    deploy(serving.context(), "r1", versions[1])

    assert "is gone" in gone.message
    assert look() == []


def test_an_endpoint_that_somebody_made_in_its_place_is_named_until_it_is_gone(
    serving, look
):
    found = live(serving)
    found.made_at, found.tags = serving.sagemaker.clock.now(), []

    [first], [second] = look(), look()

    assert "in the place of ours" in first.message
    assert "delete it, then give invoke deploy --model churn" in first.message
    assert (first.new, second.new) == (True, False)
