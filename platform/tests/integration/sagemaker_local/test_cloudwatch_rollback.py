"""Deployments that the local server's own alarms roll back, or leave alone."""

import contextlib
import io
import re
import textwrap
import threading
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

HOW_TO = Path(__file__).parents[4] / "docs" / "howto" / "roll-back-by-an-alarm.md"


@pytest.fixture
def cloudwatch(rig):
    return rig.client("cloudwatch")


@pytest.fixture
def serving(rig):
    """An endpoint, the config it serves, and another one."""
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    old, new = rig.config(artifact), rig.config(artifact)
    endpoint = rig.endpoint(old)
    yield endpoint, old, new
    rig.settled(endpoint)
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


def put_alarm(cloudwatch, endpoint, **dimensions):
    """Put an alarm on the errors of an endpoint's model, and return its name."""
    name = f"alarm-{uuid.uuid4().hex[:12]}"
    named = {"EndpointName": endpoint, "VariantName": "primary", **dimensions}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": key, "Value": value} for key, value in named.items()],
        Statistic="Average",
        Period=10,
        EvaluationPeriods=1,
        Threshold=0.1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    return name


def update(rig, endpoint, config, alarm, bake):
    policy = {
        "TrafficRoutingConfiguration": {
            "Type": "ALL_AT_ONCE",
            "WaitIntervalInSeconds": 0,
        },
        "TerminationWaitInSeconds": bake,
    }
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=config,
        DeploymentConfig={
            "BlueGreenUpdatePolicy": policy,
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
        },
    )


def test_errors_of_the_new_fleet_roll_an_update_back(rig, cloudwatch, serving):
    endpoint, old, new = serving
    alarm = put_alarm(cloudwatch, endpoint, EndpointConfigName=new)
    done = threading.Event()

    def fail():
        while not done.is_set():
            with pytest.raises(ClientError):
                rig.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"status 500")

    failing = threading.Thread(target=fail)
    failing.start()
    try:
        update(rig, endpoint, new, alarm, bake=60)
        found = rig.settled(endpoint)
    finally:
        done.set()
        failing.join()

    # The old fleet's errors are not in the alarm's metric.
    assert found["EndpointConfigName"] == old
    assert found["EndpointStatus"] == "InService"
    assert alarm in found["FailureReason"]
    assert rig.ask(endpoint)["answer"] == "1"


def test_a_state_that_is_set_rolls_an_update_back(rig, cloudwatch, serving):
    endpoint, old, new = serving
    alarm = put_alarm(cloudwatch, endpoint)
    update(rig, endpoint, new, alarm, bake=60)

    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="red")

    found = rig.settled(endpoint)
    assert found["EndpointConfigName"] == old
    assert alarm in found["FailureReason"]


def test_an_alarm_that_stays_quiet_lets_an_update_through(rig, cloudwatch, serving):
    endpoint, _, new = serving
    alarm = put_alarm(cloudwatch, endpoint)

    update(rig, endpoint, new, alarm, bake=1)

    assert rig.settled(endpoint)["EndpointConfigName"] == new


def test_an_update_with_an_alarm_that_is_not_there_is_refused(rig, serving):
    endpoint, old, new = serving

    with pytest.raises(ClientError, match="no-such-alarm"):
        update(rig, endpoint, new, "no-such-alarm", bake=1)

    found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", old)


def test_the_how_to_holds(rig, serving, monkeypatch):
    endpoint, old, new = serving
    text = HOW_TO.read_text("utf-8")
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    program = "".join(
        textwrap.dedent(block) for language, block in blocks if language == "python"
    )
    [shown] = [textwrap.dedent(block) for language, block in blocks if not language]
    names = {"my-endpoint": endpoint, "my-next-config": new, "my-config": old}
    settings = rig.server.client_settings
    monkeypatch.setattr(boto3, "client", boto3.session.Session().client)
    for name, value in {
        "AWS_ENDPOINT_URL": settings["endpoint_url"],
        "AWS_DEFAULT_REGION": settings["region_name"],
        "AWS_ACCESS_KEY_ID": settings["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": settings["aws_secret_access_key"],
    }.items():
        monkeypatch.setenv(name, value)
    for name, value in names.items():
        program, shown = program.replace(name, value), shown.replace(name, value)

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(program, {})  # noqa: S102  # the page's own program

    assert said.getvalue() == shown
