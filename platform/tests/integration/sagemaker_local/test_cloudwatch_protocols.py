"""CloudWatch in each protocol that its clients have spoken, by botocore's own parts."""

import datetime as dt
import gzip
import json
import uuid

import cbor2
import pytest
import requests
from botocore.awsrequest import prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from slipway.sagemaker.service_model import operation_model

PROTOCOLS = ("smithy-rpc-v2-cbor", "json", "query")
SCOPE = "AK/20260101/eu-west-1/monitoring/aws4_request"
SIGNED = {"Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, Signature=0"}
RPC = "/service/GraniteServiceVersion20100801/operation"


@pytest.fixture
def name():
    return f"alarm-{uuid.uuid4().hex[:12]}"


def call(rig, protocol, operation, **members):
    """Ask as a client of a protocol does, and read the answer as it does."""
    model = operation_model("cloudwatch", operation)
    request = create_serializer(protocol).serialize_to_request(members, model)
    prepare_request_dict(request, rig.server.url)
    answer = requests.request(
        request["method"],
        request["url"],
        headers={**request["headers"], **SIGNED},
        data=request["body"],
        timeout=120,
    )
    response = {
        "body": answer.content,
        "headers": answer.headers,
        "status_code": answer.status_code,
    }
    return create_parser(protocol).parse(response, model.output_shape)


def alarm(name, **members):
    return {
        "AlarmName": name,
        "AlarmDescription": 'é <b> & "quotes"',
        "Namespace": name,
        "MetricName": "size",
        "Dimensions": [{"Name": "color", "Value": "blue"}],
        "ExtendedStatistic": "p99.9",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 0.5,
        "ComparisonOperator": "LessThanThreshold",
        "ActionsEnabled": False,
        **members,
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_alarm_is_put_and_described_in_each_protocol(rig, protocol, name):
    call(rig, protocol, "PutMetricAlarm", **alarm(name))

    answer = call(rig, protocol, "DescribeAlarms", AlarmNames=[name])

    (found,) = answer["MetricAlarms"]
    assert {key: found[key] for key in alarm(name)} == alarm(name)
    age = dt.datetime.now(dt.UTC) - found["StateUpdatedTimestamp"]
    assert abs(age) < dt.timedelta(minutes=5)
    assert answer["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_data_are_put_and_read_in_each_protocol(rig, protocol, name):
    at = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    datum = {"MetricName": "size", "Values": [1.0, 2.5], "Counts": [1.0, 3.0]}
    data = [{**datum, "Timestamp": at, "Dimensions": []}]
    call(rig, protocol, "PutMetricData", Namespace=name, MetricData=data)
    metric = {"Namespace": name, "MetricName": "size"}
    span = {"StartTime": at, "EndTime": at + dt.timedelta(minutes=1)}

    asked = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": "q", "MetricStat": asked}]
    data = call(rig, protocol, "GetMetricData", MetricDataQueries=queries, **span)
    wanted = {"Period": 60, "ExtendedStatistics": ["p10", "p90"]}
    statistics = call(rig, protocol, "GetMetricStatistics", **metric, **span, **wanted)

    (result,) = data["MetricDataResults"]
    assert (result["Timestamps"], result["Values"]) == ([at], [8.5])
    (point,) = statistics["Datapoints"]
    assert point["Timestamp"] == at
    assert point["ExtendedStatistics"] == {"p10": 1.0, "p90": 2.5}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("operation", "members", "code", "status"),
    [
        (
            "SetAlarmState",
            {"AlarmName": "never", "StateValue": "OK", "StateReason": ""},
            "ResourceNotFound",
            404,
        ),
        (
            "PutMetricData",
            {"Namespace": "n", "MetricData": [{"MetricName": "m"}]},
            "MissingParameter",
            400,
        ),
        ("ListMetrics", {"Namespace": ":n"}, "InvalidParameterValue", 400),
        ("DescribeAlarms", {"StateValue": "Green"}, "ValidationError", 400),
        ("ListDashboards", {}, "ValidationError", 400),
    ],
)
def test_a_refusal_has_its_code_in_each_protocol(
    rig, protocol, operation, members, code, status
):
    answer = call(rig, protocol, operation, **members)

    assert answer["Error"]["Code"] == code
    assert answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def test_an_alarm_with_any_text_is_described_in_xml(rig, name):
    odd = "zero \0 bell \7 tab \t end \ufffe"
    call(rig, "json", "PutMetricAlarm", **alarm(name, AlarmDescription=odd))

    (found,) = call(rig, "query", "DescribeAlarms", AlarmNames=[name])["MetricAlarms"]

    shown = "zero \ufffd bell \ufffd tab \t end \ufffd"
    assert found["AlarmDescription"] == shown


def test_a_packed_body_is_read(rig, name):
    data = [{"MetricName": "size", "Value": float(n)} for n in range(500)]
    body = cbor2.dumps({"Namespace": name, "MetricData": data})
    headers = {"Content-Encoding": "gzip", **SIGNED}

    answer = requests.post(
        f"{rig.server.url}{RPC}/PutMetricData",
        data=gzip.compress(body),
        headers=headers,
        timeout=120,
    )
    found = call(rig, "json", "ListMetrics", Namespace=name)

    assert answer.status_code == 200
    assert len(found["Metrics"]) == 1


def sent(rig, path, body, **headers):
    return requests.post(
        f"{rig.server.url}{path}", data=body, headers={**SIGNED, **headers}, timeout=120
    )


CYCLE = bytes.fromhex("d81c81d81d00")
BODIES = {
    "nothing": b"",
    "no map": cbor2.dumps([1]),
    "cut": cbor2.dumps({"Namespace": "n", "MetricData": []})[:-3],
    "deep": b"\x81" * 100_000 + b"\x00",
    "a circle": b"\xa1\x69Namespace" + CYCLE,
    "numbers as names": cbor2.dumps({1: "n"}),
    "a huge number": cbor2.dumps({"MetricData": 10**400}),
    "not a number": cbor2.dumps(
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": float("nan")}]}
    ),
    "a set": cbor2.dumps({"Namespace": {"n"}}),
    "text": b"\xffhello",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_nasty_cbor_body_is_a_400(rig, body):
    answer = sent(rig, f"{RPC}/PutMetricData", BODIES[body])

    assert answer.status_code == 400
    assert cbor2.loads(answer.content)["message"]
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("", "UnknownOperationException"),
        ("Action=Nothing", "UnknownOperationException"),
        ("Action=PutMetricData", "MissingParameter"),
        ("Action=DescribeAlarms&MaxRecords=many", "MalformedInput"),
        ("Action=DescribeAlarms&AlarmNames.member.x=a", "MalformedInput"),
        ("Action=DescribeAlarms&AlarmNames=a", "MalformedInput"),
        ("Action=DescribeAlarms&StateValue.member.1=OK", "MalformedInput"),
        ("Action=DescribeAlarms&Foo=bar", "ValidationError"),
        ("Action=DescribeAlarms&Foo.member.1.Bar=bar", "ValidationError"),
        ("Action=GetMetricData&StartTime=soon&EndTime=late", "ValidationError"),
    ],
)
def test_a_wrong_form_is_a_400(rig, form, code):
    kind = "application/x-www-form-urlencoded"

    answer = sent(rig, "/", form, **{"Content-Type": kind})

    assert answer.status_code == 400
    assert f"<Code>{code}</Code>" in answer.text


def test_a_wrong_type_is_a_400_in_json(rig, name):
    body = {"Namespace": name, "MetricData": [{"MetricName": "m", "Value": "many"}]}
    target = {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"}

    answer = sent(rig, "/", json.dumps(body), **target)
    other = sent(rig, "/", "[]", **target)
    unknown = sent(rig, "/", "{}", **{"X-Amz-Target": "Monitoring.PutMetricData"})

    assert (answer.status_code, other.status_code) == (400, 400)
    assert answer.json()["__type"] == "SerializationException"
    assert "converted to double" in answer.json()["message"]
    assert unknown.json()["__type"] == "UnknownOperationException"


def test_a_bomb_and_a_body_that_is_not_packed_are_refused(rig):
    packed = {"Content-Encoding": "gzip"}

    bomb = sent(rig, f"{RPC}/PutMetricData", gzip.compress(b"0" * 2**26), **packed)
    plain = sent(rig, f"{RPC}/PutMetricData", b"{}", **packed)

    assert bomb.status_code == 413
    assert plain.status_code == 400
