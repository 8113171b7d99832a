"""Every way in which a DeploymentConfig is refused, and in which words."""

import pytest
from botocore.exceptions import ClientError
from deployment_load import blue_green, percent, rolling

ROUTING = "BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
WHOLE = "of the variant's total instance count"


def count(value):
    return {"Type": "INSTANCE_COUNT", "Value": value}


def limited(policy, **more):
    [(name, content)] = policy.items()
    return {name: {**content, **more}}


#: What is wrong with an update of a variant with four instances, and what is said.
REFUSED = {
    "two policies": (
        {**blue_green("ALL_AT_ONCE"), **rolling()},
        (
            "Only one update policy should be used in the deployment configuration: give "
            "either BlueGreenUpdatePolicy or RollingUpdatePolicy"
        ),
    ),
    "canary without size": (
        blue_green("CANARY"),
        "TrafficRoutingConfiguration of Type CANARY needs CanarySize",
    ),
    "linear without size": (
        blue_green("LINEAR"),
        "TrafficRoutingConfiguration of Type LINEAR needs LinearStepSize",
    ),
    "a size of another type": (
        blue_green("ALL_AT_ONCE", CanarySize=percent(10)),
        "TrafficRoutingConfiguration of Type ALL_AT_ONCE has no CanarySize",
    ),
    "canary above half": (
        blue_green("CANARY", CanarySize=percent(51)),
        f"{ROUTING}.CanarySize of 51% must be less than or equal to 50% {WHOLE}",
    ),
    "canary of too many instances": (
        blue_green("CANARY", CanarySize=count(3)),
        (
            f"{ROUTING}.CanarySize of 3 instance(s) of 4 must be less than or equal to 50% "
            f"{WHOLE}"
        ),
    ),
    "linear below a tenth": (
        blue_green("LINEAR", LinearStepSize=percent(9)),
        f"{ROUTING}.LinearStepSize of 9% must be between 10% and 50% {WHOLE}",
    ),
    "linear above half": (
        blue_green("LINEAR", LinearStepSize=count(3)),
        (
            f"{ROUTING}.LinearStepSize of 3 instance(s) of 4 must be between 10% and 50% "
            f"{WHOLE}"
        ),
    ),
    "batch too small": (
        rolling(MaximumBatchSize=percent(4)),
        f"RollingUpdatePolicy.MaximumBatchSize of 4% must be between 5% and 50% {WHOLE}",
    ),
    "batch too large": (
        rolling(MaximumBatchSize=count(3)),
        (
            "RollingUpdatePolicy.MaximumBatchSize of 3 instance(s) of 4 must be between 5% "
            f"and 50% {WHOLE}"
        ),
    ),
    "way back too large": (
        rolling(RollbackMaximumBatchSize=percent(101)),
        (
            "RollingUpdatePolicy.RollbackMaximumBatchSize of 101% must be less than or "
            f"equal to 100% {WHOLE}"
        ),
    ),
    "waits beyond the time-out": (
        limited(
            blue_green("CANARY", wait=300, termination=300, CanarySize=percent(10)),
            MaximumExecutionTimeoutInSeconds=600,
        ),
        (
            "MaximumExecutionTimeoutInSeconds of 600 must be larger than the total waiting "
            "time of 600 seconds"
        ),
    ),
    "batches that wait beyond the time-out": (
        rolling(wait=200, MaximumExecutionTimeoutInSeconds=700),
        (
            "MaximumExecutionTimeoutInSeconds of 700 must be larger than the total waiting "
            "time of 800 seconds"
        ),
    ),
    "time-out too short": (
        limited(blue_green("ALL_AT_ONCE"), MaximumExecutionTimeoutInSeconds=599),
        (
            "1 validation error detected: Value '599' at 'deploymentConfig."
            "blueGreenUpdatePolicy.maximumExecutionTimeoutInSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 600"
        ),
    ),
    "bake too long": (
        blue_green("ALL_AT_ONCE", termination=3601),
        (
            "1 validation error detected: Value '3601' at 'deploymentConfig."
            "blueGreenUpdatePolicy.terminationWaitInSeconds' failed to satisfy constraint: "
            "Member must have value less than or equal to 3600"
        ),
    ),
    "alarms that are not there": (
        {
            **blue_green("ALL_AT_ONCE"),
            "AutoRollbackConfiguration": {
                "Alarms": [{"AlarmName": "nope"}, {"AlarmName": "neither"}]
            },
        },
        (
            "AutoRollbackConfiguration names CloudWatch alarms that do not exist: nope, "
            "neither"
        ),
    ),
}


@pytest.fixture(scope="module")
def serving(rig):
    """An endpoint of four instances, and its config."""
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    config = rig.config(artifact, InitialInstanceCount=4)
    return rig.endpoint(config), config


@pytest.fixture(scope="module")
def unchecked(rig):
    """A client that leaves every check to the server."""
    return rig.client("sagemaker", parameter_validation=False)


def said(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize("what", REFUSED)
def test_a_deployment_that_cannot_be_is_refused(rig, unchecked, serving, what):
    endpoint, config = serving
    policy, message = REFUSED[what]
    request = {"EndpointConfigName": config, "DeploymentConfig": policy}
    before = rig.sagemaker.describe_endpoint(EndpointName=endpoint)

    updating = said(unchecked.update_endpoint, EndpointName=endpoint, **request)
    creating = said(unchecked.create_endpoint, EndpointName="never", **request)

    assert updating == creating == ("ValidationException", message)
    after = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert after["LastModifiedTime"] == before["LastModifiedTime"]
    assert after["EndpointStatus"] == "InService"
    with pytest.raises(ClientError, match="Could not find endpoint"):
        rig.sagemaker.describe_endpoint(EndpointName="never")


def test_a_config_is_given_or_kept(rig, serving):
    endpoint, config = serving
    refusal = said(
        rig.sagemaker.update_endpoint,
        EndpointName=endpoint,
        EndpointConfigName=config,
        DeploymentConfig=blue_green("ALL_AT_ONCE"),
        RetainDeploymentConfig=True,
    )

    message = "DeploymentConfig cannot be given when RetainDeploymentConfig is true"
    assert refusal == ("ValidationException", message)


def test_nothing_is_excluded_from_what_is_not_retained(rig, serving):
    endpoint, config = serving
    refusal = said(
        rig.sagemaker.update_endpoint,
        EndpointName=endpoint,
        EndpointConfigName=config,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )

    message = (
        "ExcludeRetainedVariantProperties can only be given when "
        "RetainAllVariantProperties is true"
    )
    assert refusal == ("ValidationException", message)


def test_guards_and_batches_need_the_same_variants(rig, serving):
    endpoint, config = serving
    [first] = rig.sagemaker.describe_endpoint_config(EndpointConfigName=config)[
        "ProductionVariants"
    ]
    configs = {}
    for name, variants in (
        ("other", [{**first, "VariantName": "another"}]),
        ("both", [first, {**first, "VariantName": "another"}]),
    ):
        configs[name] = f"{config}-{name}"
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=configs[name], ProductionVariants=variants
        )
    renamed = said(
        rig.sagemaker.update_endpoint,
        EndpointName=endpoint,
        EndpointConfigName=configs["other"],
        DeploymentConfig=rolling(),
    )
    several = said(
        rig.sagemaker.create_endpoint,
        EndpointName="never",
        EndpointConfigName=configs["both"],
        DeploymentConfig=rolling(),
    )
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=configs["other"]
    )
    unguarded = rig.settled(endpoint)
    rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    rig.settled(endpoint)

    assert renamed[1] == (
        "The new endpoint configuration must have the same variant names as the old "
        "one for this deployment: it has another instead of primary"
    )
    assert several[1] == (
        "RollingUpdatePolicy does not support multi-variant endpoints: the endpoint "
        "configuration has 2 variants"
    )
    assert unguarded["EndpointConfigName"] == configs["other"]
