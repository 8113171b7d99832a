import pytest
from botocore.exceptions import ClientError

from slipway.sagemaker_local.fault_switches.rules import Rule


@pytest.fixture(scope="module")
def faulty(new_rig):
    return new_rig("--fault-switches")


def in_service(rig, endpoint):
    found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert found["EndpointStatus"] == "InService"
    [variant] = found["ProductionVariants"]
    assert variant["DesiredInstanceCount"] == 2
    return variant["CurrentInstanceCount"]


def streams(rig, endpoint):
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    found = rig.logs.describe_log_streams(logGroupName=group)["logStreams"]
    return {each["logStreamName"] for each in found}


def pair(rig, **variant):
    bucket = rig.bucket_with(one=b"first")
    artifact = rig.trained(bucket, answer="1")
    return rig.endpoint(rig.config(artifact, InitialInstanceCount=2, **variant))


def test_an_instance_that_fails_its_pings_is_replaced(own_rig):
    endpoint = pair(own_rig)
    before = streams(own_rig, endpoint)

    own_rig.ask(endpoint, b"sicken")
    own_rig.eventually(lambda: streams(own_rig, endpoint) > before)
    own_rig.eventually(lambda: in_service(own_rig, endpoint) == 2)

    assert own_rig.ask(endpoint)["answer"] == "1"


def test_the_count_shows_an_instance_that_died(faulty):
    endpoint = pair(faulty)
    slow = Rule("slow_start", operation="CreateEndpoint", name=endpoint, seconds=600)
    with faulty.server.faults.during(slow):
        with pytest.raises(ClientError):
            faulty.ask(endpoint, b"die")
        faulty.eventually(lambda: in_service(faulty, endpoint) == 1)
        answers = {faulty.ask(endpoint)["answer"] for _ in range(20)}

    faulty.eventually(lambda: in_service(faulty, endpoint) == 2)
    assert answers == {"1"}


def test_the_count_shows_failing_pings_and_their_end(faulty):
    endpoint = pair(faulty)
    rule = Rule("failing_pings", name=endpoint, variant="primary")
    with faulty.server.faults.during(rule):
        faulty.eventually(lambda: in_service(faulty, endpoint) == 0)

    faulty.eventually(lambda: in_service(faulty, endpoint) == 2)
    assert faulty.ask(endpoint)["answer"] == "1"
