import contextlib
import datetime as dt
import threading
import uuid
from collections import Counter

import pytest
from botocore.exceptions import BotoCoreError, ClientError

SIMPLE = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"]
MINUTE = dt.timedelta(minutes=1)
ERRORS = ("Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")


@pytest.fixture
def cloudwatch(rig):
    """A client that sends what the server is to refuse."""
    return rig.client("cloudwatch", parameter_validation=False)


@pytest.fixture
def namespace():
    """A namespace of the test's own."""
    return f"test/{uuid.uuid4().hex[:12]}"


def now():
    return dt.datetime.now(dt.UTC)


def minute():
    """The begin of a minute that is over."""
    return now().replace(second=0, microsecond=0) - 5 * MINUTE


def put(cloudwatch, namespace, *data):
    data = [{"MetricName": "size", **each} for each in data]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


def statistics(cloudwatch, namespace, name="size", dimensions=(), **members):
    request = {
        "Period": 60,
        "StartTime": now() - 30 * MINUTE,
        "EndTime": now() + MINUTE,
        **members,
    }
    if "ExtendedStatistics" not in members:
        request.setdefault("Statistics", SIMPLE)
    return cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions],
        **request,
    )["Datapoints"]


def refusal(call, **members):
    with pytest.raises(ClientError) as error:
        call(**members)
    answer = error.value.response
    return (
        answer["Error"]["Code"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"]["Message"],
    )


def test_values_of_a_period_are_put_together(cloudwatch, namespace):
    at = minute()
    put(
        cloudwatch, namespace, *({"Value": n, "Timestamp": at} for n in (1.0, 2.0, 6.0))
    )
    put(cloudwatch, namespace, {"Value": 8.0, "Timestamp": at + MINUTE})

    first, second = sorted(
        statistics(cloudwatch, namespace), key=lambda each: each["Timestamp"]
    )

    assert (first["Timestamp"], second["Timestamp"]) == (at, at + MINUTE)
    assert (first["SampleCount"], first["Sum"], first["Average"]) == (3, 9, 3)
    assert (first["Minimum"], first["Maximum"], first["Unit"]) == (1, 6, "None")
    (whole,) = statistics(cloudwatch, namespace, Period=3600)
    assert whole["Sum"] == 17


def test_values_with_counts_and_sums_are_samples_too(cloudwatch, namespace):
    at = minute()
    put(
        cloudwatch,
        namespace,
        {"Values": [1.0, 10.0], "Counts": [9.0, 1.0], "Timestamp": at},
    )
    sums = {"SampleCount": 2.0, "Sum": 30.0, "Minimum": 10.0, "Maximum": 20.0}

    def percentiles():
        names = ["p50", "p90", "p95", "p99.9"]
        found = statistics(cloudwatch, namespace, ExtendedStatistics=names)
        return [each["ExtendedStatistics"] for each in found]

    before = percentiles()
    put(cloudwatch, namespace, {"StatisticValues": sums, "Timestamp": at})
    (point,) = statistics(cloudwatch, namespace)

    assert before == [{"p50": 1, "p90": 1, "p95": 10, "p99.9": 10}]
    assert (point["SampleCount"], point["Sum"], point["Maximum"]) == (12, 49, 20)
    # CloudWatch cannot tell percentiles from sums.
    assert percentiles() == []


def test_units_are_told_apart(cloudwatch, namespace):
    at = minute()
    for unit, value in (("Seconds", 1.0), ("Milliseconds", 5.0)):
        put(cloudwatch, namespace, {"Value": value, "Unit": unit, "Timestamp": at})

    found = {each["Unit"]: each["Sum"] for each in statistics(cloudwatch, namespace)}
    (one,) = statistics(cloudwatch, namespace, Unit="Seconds")

    assert found == {"Seconds": 1.0, "Milliseconds": 5.0}
    assert one["Sum"] == 1.0
    assert statistics(cloudwatch, namespace, Unit="Bytes") == []


def test_short_periods_need_values_of_a_second(cloudwatch, namespace):
    at = minute()
    for seconds in (0, 10, 20):
        put(
            cloudwatch,
            namespace,
            {
                "Value": 1.0,
                "Timestamp": at + dt.timedelta(seconds=seconds),
                "StorageResolution": 1,
            },
        )

    found = statistics(
        cloudwatch, namespace, Period=10, StartTime=at, EndTime=at + MINUTE
    )

    assert [each["Sum"] for each in found] == [1, 1, 1]


def test_data_of_several_queries_come_in_pages(cloudwatch, namespace):
    at = minute() - 10 * MINUTE
    for number in range(4):
        stamp = at + number * MINUTE
        put(cloudwatch, namespace, {"Value": float(number), "Timestamp": stamp})
    metric = {"Namespace": namespace, "MetricName": "size"}
    queries = [
        {
            "Id": each.lower(),
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": each},
        }
        for each in ("Sum", "Maximum")
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=at,
        EndTime=now(),
        ScanBy="TimestampAscending",
        MaxDatapoints=3,
    )

    found = {"sum": [], "maximum": []}
    for page in pages:
        shown = page["MetricDataResults"]
        assert sum(len(each["Values"]) for each in shown) <= 3
        for each in shown:
            found[each["Id"]] += each["Values"]

    assert found == {"sum": [0, 1, 2, 3], "maximum": [0, 1, 2, 3]}


def test_metrics_are_listed_by_namespace_name_and_dimensions(cloudwatch, namespace):
    blue, green = ([{"Name": "color", "Value": each}] for each in ("blue", "green"))
    put(cloudwatch, namespace, {"Value": 1.0, "Dimensions": blue})
    put(cloudwatch, namespace, {"Value": 1.0, "Dimensions": green})
    put(cloudwatch, namespace, {"MetricName": "other", "Value": 1.0})

    def listed(**members):
        found = cloudwatch.list_metrics(Namespace=namespace, **members)["Metrics"]
        return [(each["MetricName"], each["Dimensions"]) for each in found]

    assert listed() == [("other", []), ("size", blue), ("size", green)]
    assert listed(MetricName="other") == [("other", [])]
    assert listed(Dimensions=blue) == [("size", blue)]
    assert len(listed(Dimensions=[{"Name": "color"}])) == 2
    assert len(listed(RecentlyActive="PT3H")) == 3


def test_every_invocation_is_counted_for_its_variant(rig, cloudwatch):
    bucket = rig.bucket_with(one=b"first")
    config = rig.config(rig.trained(bucket, answer="1"))
    endpoint = rig.endpoint(config)
    for _ in range(3):
        rig.ask(endpoint)
    with pytest.raises(ClientError):
        rig.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"status 503")
    with pytest.raises(ClientError):
        rig.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"status 422")
    variant = (("EndpointName", endpoint), ("VariantName", "primary"))
    fleet = (("EndpointConfigName", config), *variant)

    def counted(name, dimensions=variant):
        found = statistics(cloudwatch, "AWS/SageMaker", name, dimensions, Period=3600)
        return sum(each["Sum"] for each in found)

    assert counted("Invocations") == counted("Invocations", fleet) == 5
    assert counted("InvocationsPerInstance") == 5
    assert [counted(each) for each in ERRORS] == [1, 1, 2]
    for name in ("ModelLatency", "OverheadLatency"):
        (point, *_) = statistics(cloudwatch, "AWS/SageMaker", name, variant)
        assert point["Unit"] == "Microseconds"
        assert 0 < point["Minimum"] <= point["Maximum"] < 60_000_000
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


@pytest.mark.parametrize(
    ("datum", "code", "named"),
    [
        ({}, "MissingParameter", "MetricData.member.1.Value"),
        (
            {"Value": 1.0, "Values": [1.0]},
            "InvalidParameterCombination",
            "mutually exclusive",
        ),
        ({"Value": 1.0, "Unit": "Furlongs"}, "InvalidParameterValue", "Furlongs"),
        ({"Value": 1e300}, "InvalidParameterValue", "1e+300"),
        ({"Value": float("nan")}, "InvalidParameterValue", "nan"),
        ({"Values": [float("-inf")]}, "InvalidParameterValue", "-inf"),
        ({"Value": 1.0, "StorageResolution": 7}, "InvalidParameterValue", "1 or 60"),
        ({"Values": [1.0], "Counts": []}, "InvalidParameterValue", "same size"),
        ({"Values": [1.0], "Counts": [-1.0]}, "InvalidParameterValue", "negative"),
        ({"Value": 1.0, "Timestamp": 0}, "InvalidParameterValue", "two weeks"),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "a", "Value": ""}]},
            "InvalidParameterValue",
            "length greater than or equal to 1",
        ),
    ],
)
def test_a_wrong_datum_is_refused_and_nothing_is_kept(
    cloudwatch, namespace, datum, code, named
):
    good, bad = {"MetricName": "size", "Value": 1.0}, {"MetricName": "size", **datum}
    data = [good, bad] if "Value" in datum else [bad]

    found = refusal(cloudwatch.put_metric_data, Namespace=namespace, MetricData=data)

    assert found[:2] == (code, 400)
    assert named in found[2]
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []


@pytest.mark.parametrize(
    ("members", "code", "named"),
    [
        ({"Period": 7}, "InvalidParameterValue", "Period must be"),
        ({"Period": 86_460}, "InvalidParameterValue", "Period must be"),
        ({"Statistics": []}, "InvalidParameterValue", "length"),
        ({"EndTime": 0}, "InvalidParameterCombination", "must be less than"),
        ({"Period": 1, "StartTime": 0}, "InvalidParameterCombination", "1,440"),
        ({"ExtendedStatistics": ["tm90"]}, "InvalidParameterValue", "tm90"),
        (
            {"Statistics": ["Sum"], "ExtendedStatistics": ["p90"]},
            "InvalidParameterCombination",
            "not both",
        ),
    ],
)
def test_wrong_statistics_are_refused(cloudwatch, namespace, members, code, named):
    found = refusal(lambda **_: statistics(cloudwatch, namespace, **members))

    assert found[:2] == (code, 400)
    assert named in found[2]


def test_what_is_not_supported_is_refused_by_name(cloudwatch, namespace):
    operation = refusal(cloudwatch.list_dashboards)
    entity = refusal(
        cloudwatch.put_metric_data, Namespace=namespace, StrictEntityValidation=True
    )
    query = {"Id": "q", "Expression": "a + b"}
    math = refusal(
        cloudwatch.get_metric_data,
        MetricDataQueries=[query],
        StartTime=now() - MINUTE,
        EndTime=now(),
    )

    assert operation[:2] == ("ValidationError", 400)
    assert "'ListDashboards'" in operation[2]
    assert "PutMetricAlarm" in operation[2]
    assert "StrictEntityValidation" in entity[2]
    assert "Expression" in math[2]


def test_no_acknowledged_datum_is_lost_by_kills_under_load(new_rig, namespace):
    rig = new_rig()
    sent, acknowledged = Counter(), Counter()

    def put_until_it_is_gone(number):
        client = rig.client("cloudwatch")
        datum = {"MetricName": f"size-{number}", "Value": 1.0}
        with contextlib.suppress(BotoCoreError):
            while True:
                sent[number] += 1
                client.put_metric_data(Namespace=namespace, MetricData=[datum])
                acknowledged[number] += 1

    for rounds in range(1, 6):
        writers = [
            threading.Thread(target=put_until_it_is_gone, args=(number,))
            for number in range(4)
        ]
        for writer in writers:
            writer.start()
        rig.eventually(lambda: sum(acknowledged.values()) >= 20 * rounds)  # noqa: B023  # asked at once
        rig.server.kill()
        for writer in writers:
            writer.join()
        rig.start()

    client = rig.client("cloudwatch")
    for number in range(4):
        found = statistics(client, namespace, f"size-{number}", Period=3600)
        total = sum(each["Sum"] for each in found)
        assert acknowledged[number] <= total <= sent[number]
