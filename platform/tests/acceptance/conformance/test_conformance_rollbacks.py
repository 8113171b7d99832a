"""Updates that fail on their way, and what is left of them."""

import pytest
from conformance_claims import documented, ours

from slipway.sagemaker_local.fault_switches.rules import Rule

HALF = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 0,
    }
}


def status(rig, endpoint):
    return rig.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]


def lose(rig, config):
    """Delete the model data of a config."""
    described = rig.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    [variant] = described["ProductionVariants"]
    model = rig.sagemaker.describe_model(ModelName=variant["ModelName"])
    url = model["PrimaryContainer"]["ModelDataUrl"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    rig.s3.delete_object(Bucket=bucket, Key=key)


def answers(rig, endpoint):
    """Return what both instances of an endpoint answer."""
    said = [
        rig.runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Body=b"{}"
        )
        for _ in range(60)
    ]
    return {b'"new"' in each["Body"].read() for each in said}


@pytest.fixture
def halfway(rig, local, configured, serve):
    """Begins a rolling update, and lends it before its second batch.

    The second batch then finds no model data; `lost` is which configs have lost theirs,
    and `then` is in force from then on.
    """
    configs = [configured(each, InitialInstanceCount=2) for each in ("old", "new")]
    endpoint = serve(configs[0])["EndpointName"]

    def begin(lost, then=None):
        held = {"operation": "CreateEndpoint", "name": endpoint, "seconds": 600}
        local.faults.arm(Rule("slow_start", skip=1, **held))
        rig.sagemaker.update_endpoint(
            EndpointName=endpoint, EndpointConfigName=configs[1], DeploymentConfig=HALF
        )
        rig.eventually(local.faults.fired)
        found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
        for each in lost:
            lose(rig, configs[each])
        local.faults.replace(*([Rule("slow_start", **held)] if then else []))
        return endpoint, configs, found

    yield begin
    local.faults.clear()
    rig.settled("endpoint", endpoint)
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


@documented(
    "DescribeEndpoint",
    "Once the rollback completes, endpoint returns to an InService status.",
)
@documented(
    "DescribeEndpoint",
    "If the status of the endpoint is Failed, the reason why it failed.",
)
@ours("a batch that cannot come up takes an update back, as an alarm does")
def test_a_batch_that_fails_rolls_back_to_the_old_config(rig, local, halfway):
    endpoint, configs, launching = halfway([1], then=True)
    rig.eventually(lambda: status(rig, endpoint) == "RollingBack")
    local.faults.clear()
    found = rig.settled("endpoint", endpoint)

    [variant] = launching["PendingDeploymentSummary"]["ProductionVariants"]
    assert {each["Status"] for each in variant["VariantStatus"]} == {"Creating"}
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        configs[0],
    )
    assert "model data" in found["FailureReason"]
    assert answers(rig, endpoint) == {False}


@documented(
    "DescribeEndpoint",
    "Both the rolling deployment and auto-rollback failed. Your endpoint is in service "
    "with a mix of the old and new endpoint configurations.",
)
def test_a_rollback_that_fails_leaves_both_configs(rig, halfway):
    endpoint, configs, _ = halfway([0, 1])
    found = rig.settled("endpoint", endpoint)

    assert found["EndpointStatus"] == "UpdateRollbackFailed"
    assert found["EndpointConfigName"] == configs[0]
    assert answers(rig, endpoint) == {False, True}


@documented(
    "DescribeEndpoint",
    "remedy this issue and restore the endpoint's status to InService",
)
def test_the_next_update_mends_a_rollback_that_failed(rig, halfway, configured):
    endpoint, _, _ = halfway([0, 1])
    rig.settled("endpoint", endpoint)
    mended = configured("mended", InitialInstanceCount=2)
    rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=mended)
    found = rig.settled("endpoint", endpoint)

    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        mended,
    )
