import sqlite3

import orjson
import pytest
from botocore.exceptions import ClientError
from deployment_load import (
    alarm,
    asked,
    blue_green,
    guarded,
    percent,
    roll_back,
    rolling,
    watched,
)
from test_local_restart import running_containers


def pair(rig, **second):
    """Return two endpoint configs of two instances, which answer 1 and 2."""
    bucket = rig.bucket_with(one=b"first")
    return [
        rig.config(rig.trained(bucket, answer=answer, **wish), InitialInstanceCount=2)
        for answer, wish in (("1", {}), ("2", second))
    ]


def baking(rig, endpoint):
    found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    summary = found.get("PendingDeploymentSummary", {"ProductionVariants": [{}]})
    [variant] = summary["ProductionVariants"]
    return "Baking" in {each["Status"] for each in variant.get("VariantStatus", [])}


GUARDED = {
    "all at once": blue_green("ALL_AT_ONCE", termination=600),
    "canary": blue_green("CANARY", wait=600, CanarySize=percent(50)),
    "linear": blue_green("LINEAR", wait=600, LinearStepSize=percent(50)),
    "rolling": rolling(wait=600),
}


def rolls_back(rig, strategy):
    first, second = pair(rig)
    endpoint = rig.endpoint(first)
    name = alarm(rig)
    with asked(rig, endpoint) as load:
        rig.sagemaker.update_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=second,
            DeploymentConfig=guarded(GUARDED[strategy], name),
        )
        rig.eventually(lambda: baking(rig, endpoint))
        rig.eventually(lambda: "2" in load.answers)
        roll_back(rig, name)
        found = watched(rig, endpoint).last

    assert load.errors == []
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        first,
    )
    assert name in found["FailureReason"]
    assert "PendingDeploymentSummary" not in found
    assert {rig.ask(endpoint)["answer"] for _ in range(20)} == {"1"}
    [variant] = found["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    rig.eventually(lambda: len(running_containers(rig)) == 2)


@pytest.mark.parametrize("strategy", sorted({*GUARDED} - {"rolling"}))
def test_an_alarm_rolls_back_and_no_request_fails(new_rig, strategy):
    rolls_back(new_rig(), strategy)


def test_an_alarm_rolls_a_rolling_update_back(own_rig):
    rolls_back(own_rig, "rolling")


@pytest.mark.nightly
@pytest.mark.parametrize("strategy", GUARDED)
def test_with_containers_too_an_alarm_rolls_back(own_rig, strategy):
    rolls_back(own_rig, strategy)


@pytest.mark.parametrize("strategy", GUARDED)
def test_a_fleet_that_does_not_come_up_brings_the_old_one_back(rig, strategy):
    first, broken = pair(rig, mode="crash")
    endpoint = rig.endpoint(first)
    with asked(rig, endpoint, clients=2) as load:
        rig.sagemaker.update_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=broken,
            DeploymentConfig=GUARDED[strategy],
        )
        found = watched(rig, endpoint).last

    assert load.errors == []
    assert set(load.answers) == {"1"}
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        first,
    )
    assert "did not pass the ping health check" in found["FailureReason"]
    assert found["LastDeploymentConfig"] == GUARDED[strategy]


def test_the_next_update_forgets_the_reason(rig):
    first, broken = pair(rig, mode="crash")
    endpoint = rig.endpoint(first)
    for config in (broken, first):
        rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        found = rig.settled(endpoint)

    assert found["EndpointStatus"] == "InService"
    assert "FailureReason" not in found


def test_a_deployment_that_takes_too_long_is_rolled_back(own_rig):
    first, second = pair(own_rig)
    endpoint = own_rig.endpoint(first)
    policy = blue_green("CANARY", wait=500, CanarySize=percent(50))
    policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    own_rig.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=second, DeploymentConfig=policy
    )
    own_rig.eventually(lambda: baking(own_rig, endpoint))
    own_rig.server.kill()
    make_older(own_rig.server.state / "sagemaker.sqlite", endpoint, seconds=600)
    own_rig.start()
    found = own_rig.settled(endpoint)

    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        first,
    )
    assert "MaximumExecutionTimeoutInSeconds of 600" in found["FailureReason"]
    assert {own_rig.ask(endpoint)["answer"] for _ in range(20)} == {"1"}
    own_rig.eventually(lambda: len(running_containers(own_rig)) == 2)


def make_older(store, endpoint, seconds):
    """Let a change that is under way have begun earlier."""
    with sqlite3.connect(store) as connection:
        query = "SELECT arn, execution FROM resource WHERE name = ? AND kind = ?"
        [(arn, text)] = connection.execute(query, (endpoint, "endpoint")).fetchall()
        execution = orjson.loads(text)
        execution["progress"]["began_at"] -= seconds
        change = "UPDATE resource SET execution = ? WHERE arn = ?"
        connection.execute(change, (orjson.dumps(execution).decode(), arn))
    connection.close()


def test_a_changing_endpoint_is_changed_by_nobody_else(rig):
    first, second = pair(rig)
    endpoint, name = rig.endpoint(first), alarm(rig)
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=second,
        DeploymentConfig=guarded(blue_green("ALL_AT_ONCE", termination=600), name),
    )
    scaled = [{"VariantName": "primary", "DesiredInstanceCount": 3}]
    refusals = []
    for call, members in (
        (rig.sagemaker.update_endpoint, {"EndpointConfigName": first}),
        (rig.sagemaker.delete_endpoint, {}),
        (
            rig.sagemaker.update_endpoint_weights_and_capacities,
            {"DesiredWeightsAndCapacities": scaled},
        ),
    ):
        with pytest.raises(ClientError) as refused:
            call(EndpointName=endpoint, **members)
        refusals.append(refused.value.response["Error"]["Message"])
    roll_back(rig, name)
    found = rig.settled(endpoint)

    arn = found["EndpointArn"]
    assert refusals == [f'Cannot update in-progress endpoint "{arn}".'] * 3
    assert found["EndpointConfigName"] == first
