import contextlib
import threading

import pytest
from conformance_claims import documented, field, guide, ours
from conformance_rig import refused

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
METRIC = "SageMakerVariantInvocationsPerInstance"


@pytest.fixture(scope="module")
def scaling(rig):
    return rig.client("application-autoscaling")


@pytest.fixture(scope="module")
def scaled(rig, scaling, configured, serve):
    """An endpoint whose variant is a scalable target; the request that names it."""
    found = serve(configured())
    itself = variant(found["EndpointName"])
    scaling.register_scalable_target(**itself, MinCapacity=1, MaxCapacity=2)
    return itself


def variant(endpoint, name="primary"):
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{name}",
        "ScalableDimension": DIMENSION,
    }


def policy(itself, **changes):
    return {
        "PolicyName": "invocations",
        **itself,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 1e6,
            "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
            "DisableScaleIn": True,
            **changes,
        },
    }


@contextlib.contextmanager
def load(rig, endpoint):
    """Invoke an endpoint again and again meanwhile."""
    over = threading.Event()

    def ask():
        while not over.wait(0.05):
            rig.runtime.invoke_endpoint(
                EndpointName=endpoint, Body=b"{}", ContentType="application/json"
            )

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    yield
    over.set()
    asking.join()


@documented(
    "RegisterScalableTarget",
    "Scalable targets are uniquely identified by the combination of resource ID, "
    "scalable dimension, and namespace",
)
@documented(
    "RegisterScalableTarget",
    "Any parameters that you don't specify are not changed by this update request.",
)
def test_a_target_is_registered_once_and_changed_then(scaling, scaled):
    first = scaling.register_scalable_target(**scaled, MaxCapacity=3)
    second = scaling.register_scalable_target(**scaled, MaxCapacity=2)
    (shown,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[scaled["ResourceId"]]
    )["ScalableTargets"]

    assert first["ScalableTargetARN"] == second["ScalableTargetARN"]
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (1, 2)
    assert shown["ScalableTargetARN"] == first["ScalableTargetARN"]


@documented(
    "PutScalingPolicy",
    "The CloudWatch alarms created for the target tracking scaling policy.",
)
@field(
    "a scaling activity printed in a public test of asynchronous endpoints, 2025",
    "monitor alarm TargetTracking-endpoint/…/variant/variant1-AlarmHigh-"
    "a9ace065-59c2-4875-a224-6ca6acdb15b3 in state ALARM triggered policy …",
)
@ours("an alarm looks at 3 minutes above the target, or 15 below nine tenths of it")
def test_a_policy_has_two_alarms(rig, scaling, scaled):
    put = scaling.put_scaling_policy(**policy(scaled))
    (shown,) = scaling.describe_scaling_policies(**scaled, PolicyNames=["invocations"])[
        "ScalingPolicies"
    ]
    begin = f"TargetTracking-{scaled['ResourceId']}-Alarm"

    assert shown["PolicyARN"] == put["PolicyARN"]
    assert shown["Alarms"] == put["Alarms"]
    names = [each["AlarmName"] for each in put["Alarms"]]
    alarms = rig.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert all(name.startswith(begin) for name in names)
    assert sorted(
        (each["ComparisonOperator"], each["EvaluationPeriods"], each["Threshold"])
        for each in alarms
    ) == [("GreaterThanThreshold", 3, 1e6), ("LessThanThreshold", 15, 9e5)]
    assert {each["MetricName"] for each in alarms} == {"InvocationsPerInstance"}
    assert all(each["AlarmActions"] == [put["PolicyARN"]] for each in alarms)


@documented(
    "RegisterScalableTarget",
    "If it's below the minimum capacity or above the maximum capacity, Application Auto "
    "Scaling adjusts the capacity of the scalable target to place it within these bounds",
)
@documented(
    "DescribeScalingActivities",
    "A simple description of what caused the scaling activity to happen.",
)
@ours("the cause says which bound it was and what it is")
def test_bounds_hold_at_once(rig, scaling, configured, serve):
    name = serve(configured())["EndpointName"]
    scaling.register_scalable_target(**variant(name), MinCapacity=2, MaxCapacity=2)
    rig.eventually(lambda: count(rig, name) == 2)
    (activity,) = scaling.describe_scaling_activities(**variant(name))[
        "ScalingActivities"
    ]

    assert activity["Cause"] == "minimum capacity was set to 2"


@guide(
    "endpoint-auto-scaling-policy",
    "the policy adds and removes instances to keep the metric at the target value",
)
@field(
    "a scaling activity printed in a public test of asynchronous endpoints, 2025",
    "Successfully set desired instance count to 48. Change successfully fulfilled by "
    "sagemaker.",
)
def test_load_scales_out(rig, scaling, configured, serve):
    name = serve(configured())["EndpointName"]
    itself = variant(name)
    scaling.register_scalable_target(**itself, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(**policy(itself, TargetValue=10.0))
    with load(rig, name):
        rig.eventually(lambda: count(rig, name) == 2)

    def ended():
        (activity,) = scaling.describe_scaling_activities(**itself)["ScalingActivities"]
        return activity if activity["StatusCode"] != "InProgress" else None

    activity = rig.eventually(ended)
    assert activity["Description"] == "Setting desired instance count to 2."
    assert activity["StatusMessage"] == (
        "Successfully set desired instance count to 2. Change successfully fulfilled by "
        "sagemaker."
    )
    assert activity["Cause"].endswith("in state ALARM triggered policy invocations")


def count(rig, name):
    (found,) = rig.settled("endpoint", name)["ProductionVariants"]
    return found["CurrentInstanceCount"]


@guide(
    "endpoint-scaling-update",
    "If the update would change the instance type for any model that is a target for "
    "auto scaling, the update fails.",
)
@ours("the error is a ValidationException that names the variants")
def test_a_scaled_variant_keeps_its_instance_type(rig, scaled, configured):
    other = configured(InstanceType="ml.m5.xlarge")
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=scaled["ResourceId"].split("/")[1],
        EndpointConfigName=other,
    )

    assert code == "ValidationException"
    assert "primary" in message


@guide(
    "endpoint-delete-with-scaling",
    "Application Auto Scaling deregisters those models as scalable targets without "
    "notifying you.",
)
def test_a_deleted_endpoint_is_no_target(rig, scaling, configured, serve):
    name = serve(configured())["EndpointName"]
    scaling.register_scalable_target(**variant(name), MinCapacity=1, MaxCapacity=2)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    def shown():
        return scaling.describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=[variant(name)["ResourceId"]]
        )["ScalableTargets"]

    assert rig.eventually(lambda: not shown())


@documented(
    "DeregisterScalableTarget",
    "Deregistering a scalable target deletes the scaling policies and the scheduled "
    "actions that are associated with it.",
)
def test_a_deregistered_target_has_no_policies(scaling, configured, serve):
    itself = variant(serve(configured())["EndpointName"])
    scaling.register_scalable_target(**itself, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(**policy(itself))
    scaling.deregister_scalable_target(**itself)

    assert scaling.describe_scaling_policies(**itself)["ScalingPolicies"] == []


@field(
    "ansible/ansible#40237",
    "No scalable target registered for service namespace: dynamodb, resource ID: "
    "tablename, scalable dimension: dynamodb:table:ReadCapacityUnits",
)
def test_a_policy_needs_a_target(scaling):
    request = policy(variant("nothing"))

    code, message = refused(scaling.put_scaling_policy, **request)
    assert code == "ObjectNotFoundException"
    assert message == (
        "No scalable target registered for service namespace: sagemaker, resource ID: "
        f"endpoint/nothing/variant/primary, scalable dimension: {DIMENSION}"
    )


@ours(
    "what is deleted must be there: the service's model lists ObjectNotFoundException"
)
def test_what_is_not_there_cannot_be_deleted(scaling, scaled):
    codes = {
        refused(scaling.deregister_scalable_target, **variant("nothing"))[0],
        refused(scaling.delete_scaling_policy, **scaled, PolicyName="nothing")[0],
    }

    assert codes == {"ObjectNotFoundException"}


@documented(
    "DescribeScalableTargets",
    "If you specify a scalable dimension, you must also specify a resource ID.",
)
def test_a_dimension_needs_a_resource(scaling):
    code, _ = refused(
        scaling.describe_scalable_targets,
        ServiceNamespace="sagemaker",
        ScalableDimension=DIMENSION,
    )

    assert code == "ValidationException"


@documented("DescribeScalableTargets", "This value can be between 1 and 50.")
def test_a_page_has_at_most_fifty(scaling):
    code, _ = refused(
        scaling.describe_scalable_targets, ServiceNamespace="sagemaker", MaxResults=51
    )

    assert code == "ValidationException"


@documented("ListTagsForResource", "Specify the ARN of the scalable target.")
def test_tags_of_a_target(scaling, scaled):
    arn = scaling.register_scalable_target(**scaled)["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"team": "risk", "stage": "test"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["stage"])

    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "risk"}
