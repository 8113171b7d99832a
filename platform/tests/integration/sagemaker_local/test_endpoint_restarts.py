import pytest
from deployment_load import STRATEGIES, blue_green, percent, rolling
from test_local_restart import running_containers

from slipway.sagemaker_local.fault_switches.rules import Rule


def pair(rig, *answers):
    """Return endpoint configs of two instances, one for each answer."""
    bucket = rig.bucket_with(one=b"first")
    return [
        rig.config(rig.trained(bucket, answer=each), InitialInstanceCount=2)
        for each in answers
    ]


def delete(rig, config):
    """Delete the model data of a config."""
    described = rig.sagemaker.describe_model(ModelName=config)
    url = described["PrimaryContainer"]["ModelDataUrl"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    rig.s3.delete_object(Bucket=bucket, Key=key)


def stage(rig, endpoint):
    """Return what an endpoint shows of a change: its status and each variant's."""
    found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    variants = [
        *found["ProductionVariants"],
        *found.get("PendingDeploymentSummary", {}).get("ProductionVariants", []),
    ]
    said = [
        (each["Status"], each["StatusMessage"])
        for variant in variants
        for each in variant.get("VariantStatus", [])
    ]
    return found["EndpointStatus"], *said


def killed_at_each_stage(rig, endpoint):
    """Kill and restart the server at each stage that shows, until it is settled."""
    seen = []

    def settled():
        now = stage(rig, endpoint)
        if now[0] not in ("Updating", "RollingBack"):
            return True
        if now not in seen:
            seen.append(now)
            rig.server.kill()
            rig.start()
        return False

    rig.eventually(settled)
    return seen


def goes_on(rig, strategy):
    first, second = pair(rig, "1", "2")
    endpoint = rig.endpoint(first)
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=second,
        DeploymentConfig=STRATEGIES[strategy],
    )
    seen = killed_at_each_stage(rig, endpoint)
    found = rig.settled(endpoint)

    # Short stages may pass between two looks; the first one is the update itself.
    assert seen
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        second,
    )
    assert "FailureReason" not in found
    assert {rig.ask(endpoint)["answer"] for _ in range(10)} == {"2"}
    rig.eventually(lambda: len(running_containers(rig)) == 2)


@pytest.mark.parametrize("strategy", sorted({*STRATEGIES} - {"rolling"}))
def test_an_update_goes_on_wherever_the_server_is_killed(new_rig, strategy):
    goes_on(new_rig(), strategy)


def test_a_rolling_update_goes_on_wherever_the_server_is_killed(own_rig):
    goes_on(own_rig, "rolling")


@pytest.mark.nightly
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_with_containers_too_an_update_goes_on(own_rig, strategy):
    goes_on(own_rig, strategy)


def test_a_bake_goes_on_from_when_it_began(own_rig):
    first, second = pair(own_rig, "1", "2")
    endpoint = own_rig.endpoint(first)
    own_rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=second,
        DeploymentConfig=blue_green("CANARY", wait=600, CanarySize=percent(50)),
    )

    def bake():
        found = own_rig.sagemaker.describe_endpoint(EndpointName=endpoint)
        [variant] = found["PendingDeploymentSummary"]["ProductionVariants"]
        [status] = variant.get("VariantStatus", [{"Status": ""}])
        return status if status["Status"] == "Baking" else None

    before = own_rig.eventually(bake)
    containers = running_containers(own_rig)
    own_rig.server.kill()
    own_rig.start()
    after = own_rig.eventually(bake)
    answers = {own_rig.ask(endpoint)["answer"] for _ in range(60)}

    assert after == before
    assert running_containers(own_rig) == containers
    assert len(containers) == 4
    assert answers == {"1", "2"}


def test_a_rollback_goes_on_after_a_kill(new_rig):
    rig = new_rig("--fault-switches")
    first, second = pair(rig, "1", "2")
    endpoint = rig.endpoint(first)
    way_back = Rule("slow_start", operation="CreateEndpoint", seconds=600)
    blocked_in_its_second_batch(rig, endpoint, second, second, then=[way_back])
    back = ("RollingBack", ("Creating", "Launching 1 instance(s)."))
    rig.eventually(lambda: stage(rig, endpoint) == back)
    rig.server.kill()
    rig.start()
    found = rig.settled(endpoint)

    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        first,
    )
    assert "Failed to download model data" in found["FailureReason"]
    assert {rig.ask(endpoint)["answer"] for _ in range(10)} == {"1"}
    rig.eventually(lambda: len(running_containers(rig)) == 2)


def test_a_rollback_that_fails_leaves_both_configs_until_the_next_update(own_rig_with):
    own_rig = own_rig_with("--fault-switches")
    first, second, third = pair(own_rig, "1", "2", "3")
    endpoint = own_rig.endpoint(first)
    blocked_in_its_second_batch(own_rig, endpoint, second, first, second)
    stranded = own_rig.settled(endpoint)
    before = {own_rig.ask(endpoint)["answer"] for _ in range(60)}
    own_rig.server.kill()
    own_rig.start()
    after = {own_rig.ask(endpoint)["answer"] for _ in range(60)}
    own_rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=third)
    found = own_rig.settled(endpoint)

    assert stranded["EndpointStatus"] == "UpdateRollbackFailed"
    assert stranded["EndpointConfigName"] == first
    assert "The rollback failed" in stranded["FailureReason"]
    assert before == after == {"1", "2"}
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        third,
    )
    assert {own_rig.ask(endpoint)["answer"] for _ in range(10)} == {"3"}
    own_rig.eventually(lambda: len(running_containers(own_rig)) == 2)


def test_an_endpoint_that_is_stranded_between_configs_can_be_deleted(new_rig):
    rig = new_rig("--fault-switches")
    first, second = pair(rig, "1", "2")
    endpoint = rig.endpoint(first)
    blocked_in_its_second_batch(rig, endpoint, second, first, second)
    stranded = rig.settled(endpoint)
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)
    waiter = rig.sagemaker.get_waiter("endpoint_deleted")
    waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 180})

    assert stranded["EndpointStatus"] == "UpdateRollbackFailed"


def test_an_update_goes_on_after_a_stop(own_rig):
    first, second = pair(own_rig, "1", "2")
    endpoint = own_rig.endpoint(first)
    own_rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=second,
        DeploymentConfig=STRATEGIES["rolling"],
    )
    own_rig.eventually(lambda: "Baking" in str(stage(own_rig, endpoint)))
    own_rig.server.stop()
    assert running_containers(own_rig) == set()
    own_rig.start()
    found = own_rig.settled(endpoint)

    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        second,
    )
    assert {own_rig.ask(endpoint)["answer"] for _ in range(10)} == {"2"}
    own_rig.eventually(lambda: len(running_containers(own_rig)) == 2)


def blocked_in_its_second_batch(rig, endpoint, config, *lost, then=()):
    """Begin a rolling update whose second batch finds the data of models lost.

    `then` are the fault rules in force from then on.
    """
    start = {"operation": "CreateEndpoint", "name": endpoint}
    rig.server.faults.arm(Rule("slow_start", skip=1, seconds=600, **start))
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=config, DeploymentConfig=rolling()
    )
    rig.eventually(rig.server.faults.fired)
    for each in lost:
        delete(rig, each)
    rig.server.faults.replace(*then)
