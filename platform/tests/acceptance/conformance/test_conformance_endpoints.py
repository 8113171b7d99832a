import json

import pytest
from conformance_claims import documented, field, guide, ours
from conformance_requests import create_model, variant
from conformance_rig import refused


def status(rig, name):
    return rig.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]


def answers(rig, name):
    said = rig.runtime.invoke_endpoint(
        EndpointName=name, ContentType="application/json", Body=b"{}"
    )
    return json.loads(said["Body"].read())["answer"]


def update(rig, name, config, **changes):
    rig.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName=config, **changes
    )
    return rig.settled("endpoint", name)


@pytest.fixture(scope="module")
def updated(configured, serve):
    """An endpoint that the tests of this file move about."""
    return serve(configured("before"))["EndpointName"]


@documented(
    "CreateEndpoint",
    "it sets the endpoint status to Creating. After it creates the endpoint, it sets "
    "the status to InService.",
)
def test_an_endpoint_is_created(rig, configured):
    name = rig.name()
    created = rig.sagemaker.create_endpoint(
        EndpointName=name, EndpointConfigName=configured()
    )
    at_once = status(rig, name)
    found = rig.settled("endpoint", name)

    assert created["EndpointArn"] == rig.arn("endpoint", name)
    assert at_once == "Creating"
    assert found["EndpointStatus"] == "InService"
    rig.sagemaker.delete_endpoint(EndpointName=name)


@documented(
    "DescribeEndpoint",
    "This field is only returned when the endpoint is creating or updating with a new "
    "endpoint configuration.",
)
def test_a_pending_deployment_is_shown_while_it_is_pending(rig, endpoint, configured):
    name, config = rig.name(), configured()
    rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    creating = rig.sagemaker.describe_endpoint(EndpointName=name)
    rig.settled("endpoint", name)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    assert creating["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert "PendingDeploymentSummary" not in endpoint


@documented("DescribeEndpoint", "The number of instances associated with the variant.")
@documented("DescribeEndpoint", "The weight associated with the variant.")
def test_the_variants_of_an_endpoint_are_described(rig, endpoint):
    [found] = endpoint["ProductionVariants"]

    assert found["VariantName"] == "primary"
    assert found["CurrentInstanceCount"] == found["DesiredInstanceCount"] == 1
    assert found["CurrentWeight"] == found["DesiredWeight"] == 1.0
    assert found["DeployedImages"][0]["SpecifiedImage"] == rig.target.image


@documented(
    "UpdateEndpoint",
    "it sets the endpoint status to Updating. After updating the endpoint, it sets the "
    "status to InService.",
)
def test_an_update_moves_the_endpoint_to_the_new_config(rig, updated, configured):
    config = configured("after")
    rig.sagemaker.update_endpoint(EndpointName=updated, EndpointConfigName=config)
    at_once = status(rig, updated)
    found = rig.settled("endpoint", updated)

    assert at_once == "Updating"
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == config
    assert answers(rig, updated) == "after"


@guide(
    "deployment-guardrails",
    "an update that fails leaves the endpoint InService on its old config",
)
def test_a_fleet_that_does_not_come_up_is_rolled_back(rig, updated, configured):
    before = rig.sagemaker.describe_endpoint(EndpointName=updated)
    found = update(rig, updated, configured("crash"))

    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == before["EndpointConfigName"]
    assert answers(rig, updated)


@documented(
    "UpdateEndpoint",
    "To retain the variant properties of an endpoint when updating it, set "
    "RetainAllVariantProperties to true.",
)
def test_an_update_may_retain_the_weights(rig, updated, configured):
    config = configured("retained", InitialVariantWeight=7.0)
    found = update(rig, updated, config, RetainAllVariantProperties=True)
    [kept] = found["ProductionVariants"]

    assert found["EndpointConfigName"] == config
    assert kept["CurrentWeight"] == 1.0


@documented(
    "UpdateEndpoint",
    "ExcludeRetainedVariantProperties specifies the list of type VariantProperty to "
    "override with the values provided by EndpointConfig.",
)
def test_an_update_may_retain_all_but_the_weights(rig, updated, configured):
    config = configured("excluded", InitialVariantWeight=7.0)
    found = update(
        rig,
        updated,
        config,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )
    [changed] = found["ProductionVariants"]

    assert changed["CurrentWeight"] == 7.0


@field("amazon-sagemaker-operator-for-k8s", 'Cannot update in-progress endpoint "arn".')
def test_what_is_in_progress_is_left_alone(rig, configured):
    name, config = rig.name(), configured()
    rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    updating = refused(
        rig.sagemaker.update_endpoint, EndpointName=name, EndpointConfigName=config
    )
    deleting = refused(rig.sagemaker.delete_endpoint, EndpointName=name)
    rig.settled("endpoint", name)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    text = f'Cannot update in-progress endpoint "{rig.arn("endpoint", name)}".'
    assert updating == deleting == ("ValidationException", text)


@documented(
    "DescribeEndpoint",
    "Failed: Endpoint could not be created, updated, or re-scaled. Use the "
    "FailureReason value returned by DescribeEndpoint for information about the failure.",
)
@documented(
    "DescribeEndpoint",
    "DeleteEndpoint is the only operation that can be performed on a failed endpoint.",
)
def test_an_endpoint_that_does_not_come_up_fails(rig, configured, serve):
    found = serve(configured("crash"))
    name = found["EndpointName"]
    code, _ = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName=found["EndpointConfigName"],
    )
    rig.sagemaker.delete_endpoint(EndpointName=name)

    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"]
    assert code == "ValidationException"


@documented("DescribeEndpoint", "Deleting: DeleteEndpoint is executing.")
def test_a_deleted_endpoint_is_gone_in_the_end(rig, configured, serve):
    name = serve(configured())["EndpointName"]
    rig.sagemaker.delete_endpoint(EndpointName=name)
    text = f'Could not find endpoint "{rig.arn("endpoint", name)}".'
    seen = []

    def gone():
        try:
            seen.append(status(rig, name))
        except rig.sagemaker.exceptions.ClientError as error:
            return error.response["Error"]["Message"] == text
        return False

    rig.eventually(gone)
    assert set(seen) <= {"Deleting"}


@ours("an update to a config that is not there changes nothing")
def test_an_update_needs_its_config(rig, endpoint):
    name = endpoint["EndpointName"]
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName="no-such-config",
    )

    assert code == "ValidationException"
    assert message.startswith("Could not find endpoint configuration")
    assert status(rig, name) == "InService"


@documented(
    "CreateEndpointConfig",
    "The traffic to a production variant is determined by the ratio of the "
    "VariantWeight to the sum of all VariantWeight values across all "
    "ProductionVariants.",
)
def test_a_variant_without_weight_gets_no_traffic(rig, serve):
    name = rig.name()
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            variant(create_model(rig, answer="a"), "a", InitialVariantWeight=1.0),
            variant(create_model(rig, answer="b"), "b", InitialVariantWeight=0.0),
        ],
    )
    found = serve(name)
    asked = {answers(rig, found["EndpointName"]) for _ in range(20)}
    targeted = rig.runtime.invoke_endpoint(
        EndpointName=found["EndpointName"],
        TargetVariant="b",
        ContentType="application/json",
        Body=b"{}",
    )
    rig.sagemaker.delete_endpoint(EndpointName=found["EndpointName"])

    assert asked == {"a"}
    assert targeted["InvokedProductionVariant"] == "b"
