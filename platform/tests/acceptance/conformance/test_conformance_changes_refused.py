"""Changes of an endpoint that are refused for what it is."""

import pytest
from conformance_claims import documented, guide, ours
from conformance_requests import create_model, variant
from conformance_rig import refused

INVALID = "ValidationException"
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 0,
    }
}


def capacities(rig, endpoint, **wish):
    return refused(
        rig.sagemaker.update_endpoint_weights_and_capacities,
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "primary", **wish}],
    )


@pytest.fixture(scope="module")
def double(rig, serve):
    """An endpoint of two variants."""
    config, hosted = rig.name(), create_model(rig, answer="both")
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=config,
        ProductionVariants=[variant(hosted, each) for each in ("primary", "second")],
    )
    return serve(config)


@guide("deployment-guardrails-exclusions", "rolling: Multi-variant inference endpoints")
def test_an_endpoint_of_two_variants_is_not_updated_batch_by_batch(rig, double):
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=double["EndpointName"],
        EndpointConfigName=double["EndpointConfigName"],
        DeploymentConfig=ROLLING,
    )

    assert code == INVALID
    assert "rolling" in message.lower()


@documented(
    "UpdateEndpoint",
    "When you are updating endpoint resources with RetainAllVariantProperties",
)
@ours("exceptions from a retention that nobody asked for are not ignored")
def test_nothing_is_excluded_from_what_is_not_retained(rig, double):
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=double["EndpointName"],
        EndpointConfigName=double["EndpointConfigName"],
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )

    assert code == INVALID
    assert "ExcludeRetainedVariantProperties" in message


@ours("AWS's quotas are an account's own; its text is that of its services")
def test_no_quota_is_that_large(rig, double):
    code, message = capacities(
        rig, double["EndpointName"], DesiredInstanceCount=2_000_000_000
    )

    assert code == "ResourceLimitExceeded"
    assert "for endpoint usage" in message


@documented(
    "UpdateEndpoint", "Specifies whether to reuse the last deployment configuration."
)
@ours("which of two deployment configurations is meant is not guessed")
def test_the_last_deployment_is_kept_or_another_is_given(rig, double):
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=double["EndpointName"],
        EndpointConfigName=double["EndpointConfigName"],
        RetainDeploymentConfig=True,
        DeploymentConfig=ROLLING,
    )

    assert code == INVALID
    assert "DeploymentConfig" in message


@ours("a variant keeps one instance: SageMaker's endpoints here do not scale to none")
def test_a_variant_keeps_an_instance(rig, double):
    code, _ = capacities(rig, double["EndpointName"], DesiredInstanceCount=0)

    assert code == INVALID


@documented(
    "DescribeEndpoint",
    "DeleteEndpoint is the only operation that can be performed on a failed endpoint.",
)
def test_a_failed_endpoint_is_deleted_and_nothing_else(rig, configured, serve):
    failed = serve(configured("crash"))
    name = failed["EndpointName"]
    code, _ = capacities(rig, name, DesiredWeight=2.0)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    assert failed["EndpointStatus"] == "Failed"
    assert code == INVALID
