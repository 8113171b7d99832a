import contextlib
import functools
import itertools
import threading
import uuid
from dataclasses import replace

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from slipway.sagemaker_local.cloudwatch.service import opened


@pytest.fixture
def cloudwatch(rig):
    """A client that sends what the server is to refuse."""
    return rig.client("cloudwatch", parameter_validation=False)


@pytest.fixture
def name():
    """A name of the test's own, for an alarm and for its metric."""
    return f"alarm-{uuid.uuid4().hex[:12]}"


def alarm(name, **members):
    settings = {
        "AlarmName": name,
        "Namespace": name,
        "MetricName": "size",
        "Statistic": "Maximum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 3,
        "ComparisonOperator": "GreaterThanThreshold",
        **members,
    }
    return {key: value for key, value in settings.items() if value is not None}


def put_value(cloudwatch, name, value):
    datum = {"MetricName": "size", "Value": value, "StorageResolution": 1}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])


def described(cloudwatch, name):
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def state(cloudwatch, name):
    return described(cloudwatch, name)["StateValue"]


def comes_to(rig, cloudwatch, name, value):
    rig.eventually(lambda: state(cloudwatch, name) == value)
    return described(cloudwatch, name)


def refusal(call, **members):
    with pytest.raises(ClientError) as error:
        call(**members)
    answer = error.value.response
    code, message = answer["Error"]["Code"], answer["Error"]["Message"]
    return code, answer["ResponseMetadata"]["HTTPStatusCode"], message


def test_a_new_alarm_has_insufficient_data_and_is_described_as_it_was_put(
    cloudwatch, name
):
    members = alarm(name, AlarmDescription="too large", DatapointsToAlarm=1)

    cloudwatch.put_metric_alarm(**members)

    found = described(cloudwatch, name)
    assert {key: found[key] for key in members} == members
    assert found["StateValue"] == "INSUFFICIENT_DATA"
    assert found["StateReason"] == "Unchecked: Initial alarm creation"
    assert found["AlarmArn"].endswith(f":alarm:{name}")
    assert found["ActionsEnabled"]
    assert found["AlarmActions"] == []


def test_an_alarm_goes_off_and_comes_back_by_its_metric(rig, cloudwatch, name):
    cloudwatch.put_metric_alarm(**alarm(name, TreatMissingData="notBreaching"))
    comes_to(rig, cloudwatch, name, "OK")

    put_value(cloudwatch, name, 5.0)
    off = comes_to(rig, cloudwatch, name, "ALARM")
    put_value(cloudwatch, name, 1.0)
    comes_to(rig, cloudwatch, name, "OK")

    assert "[5.0 (" in off["StateReason"]
    assert "was greater than the threshold (3.0)" in off["StateReason"]
    assert '"recentDatapoints":[5.0]' in off["StateReasonData"]
    history = cloudwatch.describe_alarm_history(
        AlarmName=name, ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    assert [each["HistorySummary"] for each in history] == [
        f'Alarm "{name}" created',
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    moments = [each["Timestamp"] for each in history]
    assert moments == sorted(moments)


def test_an_alarm_watches_the_errors_of_a_variant(rig, cloudwatch, name):
    bucket = rig.bucket_with(one=b"first")
    endpoint = rig.endpoint(rig.config(rig.trained(bucket, answer="1")))
    dimensions = {"EndpointName": endpoint, "VariantName": "primary"}
    cloudwatch.put_metric_alarm(
        **alarm(
            name,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Statistic="Average",
            Threshold=0.5,
            Dimensions=[{"Name": n, "Value": v} for n, v in dimensions.items()],
        )
    )

    with pytest.raises(ClientError):
        rig.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"status 500")

    assert comes_to(rig, cloudwatch, name, "ALARM")
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_a_state_that_is_set_holds_until_the_alarm_is_evaluated(rig, cloudwatch, name):
    cloudwatch.put_metric_alarm(**alarm(name, TreatMissingData="notBreaching"))
    comes_to(rig, cloudwatch, name, "OK")

    cloudwatch.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a test", StateReasonData="{}"
    )
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    back = comes_to(rig, cloudwatch, name, "OK")

    assert '"stateReason":"a test"' in history[0]["HistoryData"]
    assert "1 missing datapoint was treated as [NonBreaching]" in back["StateReason"]


def test_an_update_keeps_the_state_and_replaces_the_rest(cloudwatch, name):
    ignoring = alarm(name, TreatMissingData="ignore", Tags=[{"Key": "a", "Value": "1"}])
    cloudwatch.put_metric_alarm(**ignoring, AlarmDescription="old")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="red")

    cloudwatch.put_metric_alarm(**{**ignoring, "Threshold": 7, "Tags": []})

    found = described(cloudwatch, name)
    assert (found["StateValue"], found["StateReason"]) == ("ALARM", "red")
    assert found["Threshold"] == 7
    assert "AlarmDescription" not in found
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_alarms_are_found_by_prefix_state_and_metric_page_by_page(cloudwatch, name):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        cloudwatch.put_metric_alarm(
            **alarm(each, Namespace=name, TreatMissingData="ignore")
        )
    cloudwatch.set_alarm_state(AlarmName=names[2], StateValue="ALARM", StateReason="")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=name, PaginationConfig={"PageSize": 2}
    )

    found = [each["AlarmName"] for page in pages for each in page["MetricAlarms"]]
    red = cloudwatch.describe_alarms(AlarmNamePrefix=name, StateValue="ALARM")
    watching = cloudwatch.describe_alarms_for_metric(
        Namespace=name, MetricName="size", Period=10
    )
    others = cloudwatch.describe_alarms_for_metric(
        Namespace=name, MetricName="size", Period=60
    )

    types = [["MetricAlarm", "CompositeAlarm"], ["CompositeAlarm"]]
    of_types = [
        cloudwatch.describe_alarms(AlarmNamePrefix=name, AlarmTypes=each)
        for each in types
    ]

    assert [len(each["MetricAlarms"]) for each in of_types] == [5, 0]
    assert found == names
    assert [each["AlarmName"] for each in red["MetricAlarms"]] == [names[2]]
    assert len(watching["MetricAlarms"]) == 5
    assert others["MetricAlarms"] == []


def test_actions_are_switched_and_alarms_deleted_by_name(cloudwatch, name):
    none = {"AlarmActions": [], "OKActions": [], "InsufficientDataActions": []}
    cloudwatch.put_metric_alarm(**alarm(name, **none))

    cloudwatch.disable_alarm_actions(AlarmNames=[name, "never"])
    disabled = described(cloudwatch, name)["ActionsEnabled"]
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    enabled = described(cloudwatch, name)["ActionsEnabled"]
    both = refusal(cloudwatch.delete_alarms, AlarmNames=[name, "never"])

    assert (disabled, enabled) == (False, True)
    assert both == ("ResourceNotFound", 404, "Unknown alarm: never")
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == f'Alarm "{name}" deleted'


def test_tags_of_an_alarm_are_replaced_and_removed(cloudwatch, name):
    cloudwatch.put_metric_alarm(**alarm(name, Tags=[{"Key": "a", "Value": "1"}]))
    arn = described(cloudwatch, name)["AlarmArn"]

    new = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=new)
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["b", "never"])

    tags = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "2"}]
    many = [{"Key": str(n), "Value": ""} for n in range(51)]
    found = refusal(cloudwatch.tag_resource, ResourceARN=arn, Tags=many)
    assert found[0] == "InvalidParameterValue"
    gone = refusal(cloudwatch.list_tags_for_resource, ResourceARN=f"{arn}-never")
    assert gone[:2] == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"MetricName": None}, "metricName"),
        ({"EvaluationPeriods": None}, "evaluationPeriods"),
        ({"Period": 7}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 60, "EvaluationPeriods": 1441}, "more than a day"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "more than a week"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"Statistic": None}, "either Statistic or ExtendedStatistic"),
        ({"ExtendedStatistic": "p90"}, "either Statistic or ExtendedStatistic"),
        ({"Statistic": None, "ExtendedStatistic": "p101"}, "p101"),
        ({"TreatMissingData": "maybe"}, "breaching, notBreaching, ignore, missing"),
        ({"ComparisonOperator": "LessThanLowerThreshold"}, "ComparisonOperator"),
        ({"AlarmActions": ["arn:aws:sns:eu-west-1:0:x"]}, "'AlarmActions'"),
        ({"Metrics": [{"Id": "m"}]}, "'Metrics'"),
        ({"AlarmName": "x" * 256}, "length less than or equal to 255"),
    ],
)
def test_a_wrong_alarm_is_refused_and_is_not_there(cloudwatch, name, members, named):
    found = refusal(cloudwatch.put_metric_alarm, **alarm(name, **members))

    assert found[:2] == ("ValidationError", 400)
    assert named in found[2]
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_a_state_is_set_of_an_alarm_that_is_there_with_json_alone(cloudwatch, name):
    wanted = {"StateValue": "OK", "StateReason": "x"}
    missing = refusal(cloudwatch.set_alarm_state, AlarmName=name, **wanted)
    cloudwatch.put_metric_alarm(**alarm(name))
    text = refusal(
        cloudwatch.set_alarm_state, AlarmName=name, StateReasonData="{", **wanted
    )
    token = refusal(cloudwatch.describe_alarms, NextToken="mine")

    assert missing[:2] == ("ResourceNotFound", 404)
    assert text[:2] == ("InvalidFormat", 400)
    assert token[:2] == ("InvalidNextToken", 400)


def test_alarms_history_and_metrics_survive_a_kill(new_rig, name):
    rig = new_rig()
    cloudwatch = rig.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm(name, TreatMissingData="ignore"))
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="red")
    put_value(cloudwatch, f"{name}-other", 5.0)
    before = described(cloudwatch, name)

    rig.server.kill()
    rig.start()

    cloudwatch = rig.client("cloudwatch")
    assert described(cloudwatch, name) == before
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert len(history) == 2
    assert len(cloudwatch.list_metrics(Namespace=f"{name}-other")["Metrics"]) == 1
    put_value(cloudwatch, name, 1.0)
    assert comes_to(rig, cloudwatch, name, "OK")


def test_no_acknowledged_alarm_is_lost_by_kills_under_load(new_rig, name):
    rig = new_rig()
    put, states = set(), {}

    def put_until_it_is_gone(writer):
        client = rig.client("cloudwatch")
        with contextlib.suppress(BotoCoreError):
            for number in itertools.count():
                each = f"{name}-{writer}-{len(put)}-{number}"
                client.put_metric_alarm(**alarm(each, TreatMissingData="ignore"))
                put.add(each)
                client.set_alarm_state(
                    AlarmName=each, StateValue="ALARM", StateReason="red"
                )
                states[each] = "ALARM"

    for rounds in range(1, 5):
        writers = [
            threading.Thread(target=put_until_it_is_gone, args=(writer,))
            for writer in range(3)
        ]
        for writer in writers:
            writer.start()
        rig.eventually(functools.partial(_reached, states, 15 * rounds))
        rig.server.kill()
        for writer in writers:
            writer.join()
        rig.start()

    pages = rig.client("cloudwatch").get_paginator("describe_alarms").paginate()
    found = {
        each["AlarmName"]: each["StateValue"]
        for page in pages
        for each in page["MetricAlarms"]
    }
    assert put <= found.keys()
    assert {each: found[each] for each in states} == states


def _reached(collected, least):
    return len(collected) >= least


def test_a_deployment_asks_which_alarms_are_there_and_which_are_off(tmp_path):
    cloudwatch = opened(tmp_path / "cloudwatch.sqlite")
    alarms = cloudwatch.alarms
    for each in ("red", "green"):
        alarms.put("eu-west-1", alarm(each), {}, most=2)

    alarms.change("eu-west-1", "red", lambda found: replace(found, state="ALARM"))

    assert alarms.firing("eu-west-1", ["green", "red", "never"]) == ["red"]
    assert alarms.missing("eu-west-1", ["green", "never", "red"]) == ["never"]
    assert alarms.missing("us-east-1", ["red"]) == ["red"]
    assert alarms.put("eu-west-1", alarm("one more"), {}, most=2) is None
    cloudwatch.close()
