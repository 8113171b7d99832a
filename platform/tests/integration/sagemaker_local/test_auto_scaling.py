import threading

import pytest
from botocore.exceptions import ClientError

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
#: Seconds of a datapoint: three of them scale out, fifteen scale in.
PERIOD = ("--scaling-period", "1")


@pytest.fixture(scope="module")
def scaling(new_rig):
    """A server whose minutes are short, and its client of Application Auto Scaling."""
    rig = new_rig(*PERIOD)
    rig.scaling = rig.client("application-autoscaling")
    return rig


@pytest.fixture(scope="module")
def artifact(scaling):
    return scaling.trained(scaling.bucket_with(one=b"first"), answer="1")


@pytest.fixture(scope="module")
def endpoint(scaling, artifact):
    return scaling.endpoint(scaling.config(artifact))


def variant(endpoint, name="primary"):
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{name}",
        "ScalableDimension": DIMENSION,
    }


def register(rig, endpoint, **changes):
    bounds = {"MinCapacity": 1, "MaxCapacity": 3, **changes}
    return rig.scaling.register_scalable_target(**variant(endpoint), **bounds)


def policy(endpoint, **changes):
    return {
        "PolicyName": "invocations",
        **variant(endpoint),
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
            "ScaleOutCooldown": 0,
            "ScaleInCooldown": 0,
            **changes,
        },
    }


def instances(rig, endpoint):
    """Return the current count, once it is the desired one."""
    (found,) = rig.settled(endpoint)["ProductionVariants"]
    assert found["CurrentInstanceCount"] == found["DesiredInstanceCount"]
    return found["CurrentInstanceCount"]


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


def activities(rig, endpoint):
    """Return the scaling activities of an endpoint's variant, the newest first."""
    answer = rig.scaling.describe_scaling_activities(**variant(endpoint))
    return answer["ScalingActivities"]


class Load:
    """Invocations of an endpoint, one after the other, until the end."""

    def __init__(self, rig, endpoint):
        self._rig, self._endpoint = rig, endpoint
        self._over = threading.Event()
        self.failed = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.wait(0.02):
            try:
                self._rig.ask(self._endpoint)
            except ClientError as error:
                self.failed.append(error)


def test_containers_grow_under_load_and_shrink_again(own_rig_with):
    rig = own_rig_with(*PERIOD)
    rig.scaling = rig.client("application-autoscaling")
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    endpoint = rig.endpoint(rig.config(artifact))
    register(rig, endpoint)
    rig.scaling.put_scaling_policy(**policy(endpoint))
    with Load(rig, endpoint) as load:
        rig.eventually(lambda: instances(rig, endpoint) == 3)
    rig.eventually(lambda: instances(rig, endpoint) == 1)
    rig.ask(endpoint)

    assert load.failed == []
    last, *_, first = activities(rig, endpoint)
    assert first["StatusCode"] == "Successful"
    assert "-AlarmHigh-" in first["Cause"]
    assert last["Description"] == "Setting desired instance count to 1."
    assert "-AlarmLow-" in last["Cause"]


def test_targets_and_policies_survive_a_restart(own_rig):
    own_rig.scaling = own_rig.client("application-autoscaling")
    artifact = own_rig.trained(own_rig.bucket_with(one=b"first"), answer="1")
    endpoint = own_rig.endpoint(own_rig.config(artifact))
    arn = register(own_rig, endpoint, MaxCapacity=7)["ScalableTargetARN"]
    put = own_rig.scaling.put_scaling_policy(**policy(endpoint))
    own_rig.server.kill()
    own_rig.start()
    client = own_rig.client("application-autoscaling")

    (target,) = client.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    (kept,) = client.describe_scaling_policies(**variant(endpoint))["ScalingPolicies"]
    assert (target["ScalableTargetARN"], target["MaxCapacity"]) == (arn, 7)
    assert kept["PolicyARN"] == put["PolicyARN"]
    assert kept["Alarms"] == put["Alarms"]


def test_a_change_goes_on_after_a_kill(own_rig):
    own_rig.scaling = own_rig.client("application-autoscaling")
    artifact = own_rig.trained(own_rig.bucket_with(one=b"first"), answer="1")
    endpoint = own_rig.endpoint(own_rig.config(artifact))
    register(own_rig, endpoint, MinCapacity=3)
    own_rig.eventually(lambda: activities(own_rig, endpoint))
    own_rig.server.kill()
    own_rig.start()
    own_rig.scaling = own_rig.client("application-autoscaling")
    own_rig.eventually(lambda: instances(own_rig, endpoint) == 3)

    def ended():
        return activities(own_rig, endpoint)[0]["StatusCode"] != "InProgress"

    own_rig.eventually(ended)
    assert activities(own_rig, endpoint)[0]["StatusCode"] == "Successful"


def test_a_registration_brings_the_count_within_its_bounds(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    register(scaling, endpoint, MinCapacity=2)
    scaling.eventually(lambda: instances(scaling, endpoint) == 2)

    (activity,) = activities(scaling, endpoint)
    assert activity["Cause"] == "minimum capacity was set to 2"


def test_an_update_that_retains_keeps_the_scaled_count(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    register(scaling, endpoint, MinCapacity=2)
    scaling.eventually(lambda: instances(scaling, endpoint) == 2)
    scaling.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=scaling.config(artifact),
        RetainAllVariantProperties=True,
    )

    assert instances(scaling, endpoint) == 2


def test_an_update_may_not_change_the_instances_of_a_scaled_variant(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    register(scaling, endpoint)
    other = scaling.config(artifact, InstanceType="ml.m5.xlarge")
    request = {"EndpointName": endpoint, "EndpointConfigName": other}
    code, message = refused(scaling.sagemaker.update_endpoint, **request)

    assert code == "ValidationException"
    assert 'The variant(s) "primary" must be deregistered' in message
    scaling.scaling.deregister_scalable_target(**variant(endpoint))
    scaling.sagemaker.update_endpoint(**request)
    assert scaling.settled(endpoint)["EndpointConfigName"] == other


def test_a_deleted_endpoint_is_no_target(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    register(scaling, endpoint)
    scaling.scaling.put_scaling_policy(**policy(endpoint))
    scaling.sagemaker.delete_endpoint(EndpointName=endpoint)
    wanted = variant(endpoint)["ResourceId"]
    found = scaling.scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[wanted]
    )

    assert found["ScalableTargets"] == []


def test_a_policy_is_put_in_the_place_of_its_namesake(scaling, endpoint):
    register(scaling, endpoint)
    first = scaling.scaling.put_scaling_policy(**policy(endpoint))
    second = scaling.scaling.put_scaling_policy(**policy(endpoint, TargetValue=6000.0))
    (found,) = scaling.scaling.describe_scaling_policies(**variant(endpoint))[
        "ScalingPolicies"
    ]

    assert first == {**second, "ResponseMetadata": first["ResponseMetadata"]}
    configuration = found["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["TargetValue"] == 6000.0


def test_policies_come_in_pages(scaling, endpoint):
    register(scaling, endpoint)
    names = {f"policy-{number}" for number in range(5)}
    for name in names:
        request = {**policy(endpoint, DisableScaleIn=True, TargetValue=1e6)}
        scaling.scaling.put_scaling_policy(**{**request, "PolicyName": name})
    pages = scaling.scaling.get_paginator("describe_scaling_policies").paginate(
        **variant(endpoint), PolicyNames=sorted(names), PaginationConfig={"PageSize": 2}
    )
    found = [[each["PolicyName"] for each in page["ScalingPolicies"]] for page in pages]

    assert [len(each) for each in found] == [2, 2, 1]
    assert {name for page in found for name in page} == names


def test_tags_of_a_target(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    arn = register(scaling, endpoint, Tags={"team": "risk"})["ScalableTargetARN"]
    scaling.scaling.tag_resource(ResourceARN=arn, Tags={"stage": "test"})
    scaling.scaling.untag_resource(ResourceARN=arn, TagKeys=["team"])

    assert scaling.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {
        "stage": "test"
    }
    code, message = refused(lambda: register(scaling, endpoint, Tags={"team": "risk"}))
    assert code == "ValidationException"
    assert "use the TagResource API" in message


@pytest.mark.parametrize(
    ("operation", "changes", "code", "said"),
    [
        (
            "register_scalable_target",
            {"ServiceNamespace": "ecs"},
            "ValidationException",
            "Supported: sagemaker",
        ),
        (
            "register_scalable_target",
            {"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
            "ValidationException",
            f"Supported: {DIMENSION}",
        ),
        (
            "register_scalable_target",
            {"ResourceId": "service/a/b"},
            "ValidationException",
            "Unsupported service namespace, resource type",
        ),
        (
            "register_scalable_target",
            {"ResourceId": "endpoint/none/variant/a"},
            "ValidationException",
            "Could not find endpoint",
        ),
        (
            "deregister_scalable_target",
            {"ResourceId": "endpoint/none/variant/a"},
            "ObjectNotFoundException",
            "No scalable target found for service namespace: sagemaker",
        ),
        (
            "describe_scaling_policies",
            {"MaxResults": 11},
            "ValidationException",
            "between 1 and 10",
        ),
        (
            "describe_scaling_policies",
            {"NextToken": "made-up"},
            "InvalidNextTokenException",
            "Invalid NextToken",
        ),
        (
            "describe_scaling_activities",
            {"IncludeNotScaledActivities": True},
            "ValidationException",
            "does not support the value 'True'",
        ),
    ],
)
def test_a_wrong_request_is_refused(scaling, operation, changes, code, said):
    request = {**variant("none"), **changes}
    found, message = refused(getattr(scaling.scaling, operation), **request)

    assert found == code
    assert said in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MinCapacity": 0}, "keeps at least one instance"),
        ({"MinCapacity": 4}, "Maximum capacity cannot be less than minimum capacity"),
    ],
)
def test_wrong_bounds_are_refused(scaling, endpoint, changes, said):
    code, message = refused(lambda: register(scaling, endpoint, **changes))

    assert code == "ValidationException"
    assert said in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PolicyType": "StepScaling"}, "Supported: TargetTrackingScaling"),
        ({"PolicyType": "PredictiveScaling"}, "Supported: TargetTrackingScaling"),
        ({"StepScalingPolicyConfiguration": {}}, "Supported members"),
        (
            {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
            "needs a PredefinedMetricSpecification",
        ),
    ],
)
def test_another_kind_of_policy_is_refused(scaling, endpoint, changes, said):
    register(scaling, endpoint)
    request = {**policy(endpoint), **changes}
    code, message = refused(scaling.scaling.put_scaling_policy, **request)

    assert code == "ValidationException"
    assert said in message


def test_another_predefined_metric_is_refused(scaling, endpoint):
    register(scaling, endpoint)
    other = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    specification = {"PredefinedMetricType": other}
    code, message = refused(
        scaling.scaling.put_scaling_policy,
        **policy(endpoint, PredefinedMetricSpecification=specification),
    )

    assert code == "ValidationException"
    assert "Supported: SageMakerVariantInvocationsPerInstance" in message


def test_metric_math_is_refused(scaling, endpoint):
    register(scaling, endpoint)
    request = policy(endpoint)
    configuration = request["TargetTrackingScalingPolicyConfiguration"]
    del configuration["PredefinedMetricSpecification"]
    math = {"Metrics": [{"Id": "a", "Expression": "1 + 1"}]}
    configuration["CustomizedMetricSpecification"] = math
    code, message = refused(scaling.scaling.put_scaling_policy, **request)

    assert code == "ValidationException"
    assert "CustomizedMetricSpecification.Metrics" in message


def test_a_metric_of_ones_own_scales(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact))
    register(scaling, endpoint)
    request = policy(endpoint, TargetValue=10.0, DisableScaleIn=True)
    configuration = request["TargetTrackingScalingPolicyConfiguration"]
    del configuration["PredefinedMetricSpecification"]
    configuration["CustomizedMetricSpecification"] = {
        "MetricName": "QueueDepth",
        "Namespace": f"Test/{endpoint}",
        "Statistic": "Average",
    }
    scaling.scaling.put_scaling_policy(**request)
    cloudwatch = scaling.client("cloudwatch")
    datum = {"MetricName": "QueueDepth", "Value": 15.0, "StorageResolution": 1}

    def deep():
        cloudwatch.put_metric_data(Namespace=f"Test/{endpoint}", MetricData=[datum])
        return instances(scaling, endpoint) > 1

    scaling.eventually(deep)


def test_a_policy_needs_a_target(scaling):
    code, message = refused(scaling.scaling.put_scaling_policy, **policy("none"))

    assert code == "ObjectNotFoundException"
    assert message == (
        "No scalable target registered for service namespace: sagemaker, resource ID: "
        f"endpoint/none/variant/primary, scalable dimension: {DIMENSION}"
    )


def test_other_operations_are_refused_with_those_that_are_not(scaling):
    code, message = refused(
        scaling.scaling.describe_scheduled_actions, ServiceNamespace="sagemaker"
    )

    assert code == "ValidationException"
    assert "DescribeScheduledActions" in message
    assert "Known: DeleteScalingPolicy," in message
    assert message.count("DeleteScalingPolicy") == 1


def test_the_case_of_an_endpoints_name_must_be_matched(scaling, endpoint):
    code, message = refused(lambda: register(scaling, endpoint.upper()))

    assert code == "ValidationException"
    assert message.startswith("Could not find endpoint")


def test_an_endpoint_that_never_came_up_is_refused(scaling):
    artifact = scaling.trained(scaling.bucket_with(one=b"first"), answer="1")
    config = scaling.config(artifact)
    bucket, _, key = artifact.removeprefix("s3://").partition("/")
    scaling.s3.delete_object(Bucket=bucket, Key=key)
    endpoint = scaling.endpoint(config)
    code, message = refused(lambda: register(scaling, endpoint))

    assert code == "ValidationException"
    assert "cannot be scaled: it is Failed" in message


def test_a_target_grows_to_what_an_endpoint_may_have_at_most(scaling, endpoint):
    code, message = refused(lambda: register(scaling, endpoint, MaxCapacity=101))

    assert code == "LimitExceededException"
    assert message == (
        "A maximum capacity of 101 exceeds the limit of 100 instances of an endpoint"
    )


def test_a_burstable_variant_is_refused(scaling, artifact):
    endpoint = scaling.endpoint(scaling.config(artifact, InstanceType="ml.t2.medium"))
    code, message = refused(lambda: register(scaling, endpoint))

    assert code == "ValidationException"
    assert "cannot register a variant with ml.t2.medium instance type" in message
