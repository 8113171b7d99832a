import time

import pytest
from plain_variant import plain_variant
from test_capture_records import invocation

from slipway.sagemaker_local.autoscaling.controller import Controller
from slipway.sagemaker_local.autoscaling.policy_operations import put_scaling_policy
from slipway.sagemaker_local.autoscaling.resources import (
    DIMENSION,
    NAMESPACE,
    Variant,
)
from slipway.sagemaker_local.autoscaling.target_operations import (
    deregister_scalable_target,
    describe_scaling_activities,
    register_scalable_target,
)
from slipway.sagemaker_local.autoscaling.targets import (
    check_kept,
    forget_endpoint,
    policies,
    targets,
)
from slipway.sagemaker_local.cloudwatch.invocation_metrics import data_of, observed
from slipway.sagemaker_local.cloudwatch.metric import Datum, metric_of
from slipway.sagemaker_local.cloudwatch.sample import sample
from slipway.sagemaker_local.cloudwatch.service import opened
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.faults import AwsError, endpoint_in_progress
from slipway.sagemaker_local.store import Record, Store

REGION = "eu-west-1"
CHURN = Variant(REGION, "churn", "primary")
ITSELF = {
    "ServiceNamespace": NAMESPACE,
    "ResourceId": CHURN.resource_id,
    "ScalableDimension": DIMENSION,
}
PERIOD = 60


def plan(count, **changes):
    return FleetPlan("config", (plain_variant(instance_count=count, **changes),))


class World:
    """An endpoint in a store, a clock, and a controller that looks at both."""

    def __init__(self, folder):
        self.store = Store(folder / "state.sqlite")
        #: The begin of a period, after all that is created now.
        self.now = (time.time() // PERIOD + 1) * PERIOD
        self.cloudwatch = opened(folder / "cloudwatch.sqlite")
        self.controller = self.new_controller()
        #: Raised instead of setting a count.
        self.fault = None
        #: Whether a count that is set is there at once.
        self.quick = True
        self.store.create(
            Record(
                arn=CHURN.endpoint_arn,
                kind="endpoint",
                region=REGION,
                name="churn",
                status="InService",
                created_at=self.now,
                modified_at=self.now,
                execution={"fleet": plan(1).json()},
            ),
            {},
        )

    def new_controller(self):
        return Controller(
            self.store, self.cloudwatch, self, period=PERIOD, clock=lambda: self.now
        )

    def close(self):
        self.cloudwatch.close()
        self.store.close()

    def set_desired_count(self, variant, count):
        if self.fault is not None:
            raise self.fault
        assert variant == CHURN
        status = "InService" if self.quick else "Updating"
        self.settle(status, plan(count) if self.quick else None)

    def settle(self, status, fleet=None):
        def change(record):
            kept = {} if fleet is None else {"fleet": fleet.json()}
            return Record(**{**vars(record), "status": status}).with_execution(**kept)

        self.store.change(CHURN.endpoint_arn, change)

    @property
    def count(self):
        endpoint = self.store.get(CHURN.endpoint_arn)
        fleet = FleetPlan.of_json(endpoint.execution["fleet"])
        return fleet.variant("primary").instance_count

    def register(self, **changes):
        request = {**ITSELF, "MinCapacity": 1, "MaxCapacity": 4, **changes}
        register_scalable_target(self, REGION, request)
        self.controller.look()

    def follow(self, target=10.0, **changes):
        metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        request = {
            **ITSELF,
            "PolicyName": "invocations",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": target,
                "PredefinedMetricSpecification": metric,
                **changes,
            },
        }
        configuration = request["TargetTrackingScalingPolicyConfiguration"]
        for name in [name for name in configuration if configuration[name] is None]:
            del configuration[name]
        return put_scaling_policy(self, REGION, request)

    def live(self, *rates):
        """Pass a period at each rate of invocations, and look at the end of each."""
        for rate in rates:
            asked = invocation(
                endpoint="churn", variant="primary", instances=self.count
            )
            self.cloudwatch.metrics.add(data_of([observed(asked, self.now)] * rate))
            self.now += PERIOD
            self.controller.look()
            self.controller.look()

    def activities(self):
        found = describe_scaling_activities(
            self, REGION, {"ServiceNamespace": NAMESPACE}
        )
        return found["ScalingActivities"]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def test_demand_scales_out_in_proportion_and_says_why(world):
    world.register()
    alarms = world.follow()["Alarms"]
    world.live(0, 25, 25)
    assert world.count == 1
    world.live(25)

    assert world.count == 3
    (activity,) = world.activities()
    high = alarms[0]["AlarmName"]
    assert high.startswith("TargetTracking-endpoint/churn/variant/primary-AlarmHigh-")
    assert activity["Cause"] == (
        f"monitor alarm {high} in state ALARM triggered policy invocations"
    )
    assert activity["Description"] == "Setting desired instance count to 3."
    assert activity["StatusCode"] == "Successful"
    assert activity["EndTime"] >= activity["StartTime"]


def test_idleness_scales_in_to_the_least(world):
    world.register()
    world.follow()
    world.live(0, 25, 25, 25, *[0] * 14)
    assert world.count == 3
    world.live(0)

    assert world.count == 1
    assert "-AlarmLow-" in world.activities()[0]["Cause"]


def test_what_was_before_the_server_started_is_unknown(world):
    world.settle("InService", plan(3))
    world.register()
    world.follow()
    world.live(*[0] * 14)

    assert world.count == 3


def test_a_customized_metric_is_tracked_by_its_statistic(world):
    custom = {
        "MetricName": "QueueDepth",
        "Namespace": "Churn",
        "Dimensions": [{"Name": "Queue", "Value": "in"}],
        "Statistic": "Average",
    }
    world.register()
    world.follow(
        PredefinedMetricSpecification=None, CustomizedMetricSpecification=custom
    )
    metric = metric_of(REGION, custom)
    for _ in range(3):
        data = [Datum(metric, world.now, 1, "None", sample({15.0: 1, 25.0: 1}))]
        world.cloudwatch.metrics.add(data)
        world.live(0)

    assert world.count == 2


def test_a_customized_metric_without_data_decides_nothing(world):
    custom = {"MetricName": "QueueDepth", "Namespace": "Churn", "Statistic": "Sum"}
    world.settle("InService", plan(3))
    world.register()
    world.follow(
        PredefinedMetricSpecification=None, CustomizedMetricSpecification=custom
    )
    world.live(*[0] * 20)

    assert world.count == 3


def test_the_alarms_of_a_policy_are_there_as_long_as_it_is(world):
    world.register()
    names = [each["AlarmName"] for each in world.follow()["Alarms"]]
    high, low = world.cloudwatch.alarms.named(REGION, names)
    deregister_scalable_target(world, REGION, ITSELF)

    assert world.cloudwatch.alarms.missing(REGION, names) == names
    assert (high.rule.threshold, high.rule.periods) == (10.0, 3)
    assert (low.rule.threshold, low.rule.periods) == (9.0, 15)
    assert high.metric.name == low.metric.name == "InvocationsPerInstance"


def test_bounds_hold_as_soon_as_they_are_registered(world):
    world.register(MinCapacity=2)
    assert world.count == 2
    world.now += 1
    world.controller.look()
    world.register(MinCapacity=1, MaxCapacity=1)

    assert world.count == 1
    causes = [each["Cause"] for each in world.activities()]
    assert causes == ["maximum capacity was set to 1", "minimum capacity was set to 2"]


def test_nothing_is_decided_while_an_endpoint_changes(world):
    world.quick = False
    world.register()
    world.follow()
    world.live(0, 25, 25, 25, 99, 99)
    (activity,) = world.activities()
    assert activity["StatusCode"] == "InProgress"
    world.settle("InService", plan(3))
    world.controller.look()

    (activity,) = world.activities()
    assert activity["StatusCode"] == "Successful"


def test_a_change_that_was_rolled_back_is_a_failed_activity(world):
    world.quick = False
    world.register()
    world.follow()
    world.live(0, 25, 25, 25)
    world.settle("InService")
    world.controller.look()

    (activity,) = world.activities()
    assert activity["StatusCode"] == "Failed"
    assert "the variant has 1 instances" in activity["StatusMessage"]


def test_a_change_that_is_refused_is_a_failed_activity(world):
    world.register()
    world.follow()
    world.fault = endpoint_in_progress(CHURN.endpoint_arn)
    world.live(0, 25, 25, 25)

    (activity,) = world.activities()
    assert activity["StatusCode"] == "Failed"
    assert "in-progress endpoint" in activity["StatusMessage"]


def test_a_deregistration_ends_the_activity_under_way(world):
    world.quick = False
    world.register(MinCapacity=2)
    deregister_scalable_target(world, REGION, ITSELF)

    (activity,) = world.activities()
    assert activity["StatusCode"] == "Failed"
    assert "deregistered meanwhile" in activity["StatusMessage"]


def test_what_is_no_metric_of_cloudwatchs_is_no_policy(world):
    nothing = {"MetricName": "", "Namespace": ":bad", "Statistic": "Sum"}
    world.register()
    with pytest.raises(AwsError, match="CloudWatch has no such metric"):
        world.follow(
            PredefinedMetricSpecification=None, CustomizedMetricSpecification=nothing
        )

    assert policies(world.store, CHURN) == []
    assert world.cloudwatch.alarms.every() == []


def test_an_activity_is_found_again_after_a_restart(world):
    world.quick = False
    world.register()
    world.follow()
    world.live(0, 25, 25, 25)
    world.settle("InService", plan(3))
    world.new_controller().look()

    assert world.activities()[0]["StatusCode"] == "Successful"


def test_suspended_scaling_rests(world):
    world.register(SuspendedState={"DynamicScalingOutSuspended": True})
    world.follow()
    world.live(0, 25, 25, 25)

    assert world.count == 1
    assert world.activities() == []


def test_the_cooldown_begins_when_a_change_has_ended(world):
    world.register()
    world.follow(ScaleInCooldown=PERIOD * 20)
    world.live(0, 25, 25, 25, *[0] * 15)
    assert world.count == 1
    world.settle("InService", plan(3))
    world.live(*[0] * 19)
    assert world.count == 3
    world.live(0)

    assert world.count == 1


def test_activities_older_than_six_weeks_are_forgotten(world):
    world.register(MinCapacity=2)
    world.controller.look()
    world.now += 6 * 7 * 24 * 3600.0 + 1
    world.register(MinCapacity=3)

    assert len(world.activities()) == 1


def test_a_deleted_endpoint_takes_its_targets_and_policies_along(world):
    world.register()
    world.follow()
    forget_endpoint(world.store, REGION, "churn")

    assert targets(world.store) == []
    assert policies(world.store, CHURN) == []


@pytest.mark.parametrize(
    "after", [plan(1, instance_type="ml.m5.xlarge"), plan(1, name="other")]
)
def test_an_update_may_not_take_a_scaled_variant_away(world, after):
    world.register()

    with pytest.raises(AwsError, match="must be deregistered as scalable targets"):
        check_kept(world.store, REGION, "churn", (plan(1), after))
    check_kept(world.store, REGION, "churn", (plan(1), plan(2)))
    check_kept(world.store, REGION, "other", (plan(1), after))
