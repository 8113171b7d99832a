import contextlib
import datetime as dt
import json

import pytest
from conformance_claims import documented, field, guide, ours
from conformance_rig import refused

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(scope="module")
def cloudwatch(rig):
    return rig.client("cloudwatch")


@pytest.fixture(scope="module")
def put_alarm(rig, cloudwatch):
    """Puts alarms on metrics that nobody measures, unless they are named."""
    names = []

    def put(name=None, **changes):
        names.append(name or rig.name())
        request = {
            "AlarmName": names[-1],
            "Namespace": names[-1],
            "MetricName": "size",
            "Statistic": "Sum",
            "Period": 10,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            **changes,
        }
        given = {key: value for key, value in request.items() if value is not None}
        cloudwatch.put_metric_alarm(**given)
        return names[-1]

    yield put
    for name in names:
        # A test may have deleted it.
        with contextlib.suppress(cloudwatch.exceptions.ResourceNotFound):
            cloudwatch.delete_alarms(AlarmNames=[name])


def described(cloudwatch, name):
    [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def comes_to(rig, cloudwatch, name, state):
    rig.eventually(lambda: described(cloudwatch, name)["StateValue"] == state)
    return described(cloudwatch, name)


def history(cloudwatch, name, **filters):
    found = cloudwatch.describe_alarm_history(AlarmName=name, **filters)
    return found["AlarmHistoryItems"]


@documented(
    "PutMetricAlarm",
    "When this operation creates an alarm, the alarm state is immediately set to "
    "INSUFFICIENT_DATA.",
)
@field("public describe-alarms outputs", "Unchecked: Initial alarm creation")
def test_a_new_alarm_has_insufficient_data(cloudwatch, put_alarm):
    found = described(cloudwatch, put_alarm(Period=3600))

    assert found["StateValue"] == "INSUFFICIENT_DATA"
    assert found["StateReason"] == "Unchecked: Initial alarm creation"


@documented(
    "PutMetricAlarm", "Valid Values: breaching | notBreaching | ignore | missing"
)
@field(
    "public alarm notifications",
    "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint "
    "was treated as [Breaching].",
)
def test_missing_data_may_breach(rig, cloudwatch, put_alarm):
    name = put_alarm(TreatMissingData="breaching")

    found = comes_to(rig, cloudwatch, name, "ALARM")

    assert found["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing "
        "datapoint was treated as [Breaching]."
    )


@documented(
    "PutMetricAlarm",
    "The alarm is then evaluated and its state is set appropriately.",
)
@field(
    "public alarm notifications",
    "Threshold Crossed: 1 out of the last 1 datapoints [6.0 (25/09/22 18:49:00)] was "
    "greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).",
)
def test_an_alarm_goes_off_by_its_metric(rig, cloudwatch, put_alarm):
    name = put_alarm()
    datum = {"MetricName": "size", "Value": 6.0, "StorageResolution": 1}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])

    found = comes_to(rig, cloudwatch, name, "ALARM")

    assert found["StateReason"].startswith(
        "Threshold Crossed: 1 out of the last 1 datapoints [6.0 ("
    )
    assert found["StateReason"].endswith(
        "was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> "
        "ALARM transition)."
    )
    assert json.loads(found["StateReasonData"])["recentDatapoints"] == [6.0]
    updates = history(cloudwatch, name, HistoryItemType="StateUpdate")
    assert updates[0]["HistorySummary"] == (
        "Alarm updated from INSUFFICIENT_DATA to ALARM"
    )


@documented(
    "PutMetricAlarm",
    "When you update an existing alarm, its state is left unchanged, but the update "
    "completely overwrites the previous configuration of the alarm.",
)
def test_an_update_leaves_the_state(cloudwatch, put_alarm):
    name = put_alarm(Period=3600, TreatMissingData="ignore", AlarmDescription="old")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")

    put_alarm(name, Period=3600, TreatMissingData="ignore", Threshold=7.0)

    found = described(cloudwatch, name)
    assert (found["StateValue"], found["Threshold"]) == ("OK", 7.0)
    assert "AlarmDescription" not in found


@documented("SetAlarmState", "Temporarily sets the state of an alarm")
@documented("SetAlarmState", "Metric alarms returns to their actual state quickly")
def test_a_state_that_is_set_is_in_the_history_and_passes(rig, cloudwatch, put_alarm):
    name = put_alarm(TreatMissingData="notBreaching")
    comes_to(rig, cloudwatch, name, "OK")

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    comes_to(rig, cloudwatch, name, "OK")

    updates = history(
        cloudwatch, name, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )
    assert [each["HistorySummary"] for each in updates][-2:] == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]


@documented(
    "DeleteAlarms",
    "If you specify any incorrect alarm names, the alarms you specify with correct names "
    "are still deleted.",
)
@documented(
    "DescribeAlarmHistory",
    "CloudWatch retains the history of an alarm even if you delete the alarm.",
)
def test_alarms_are_deleted_and_their_history_stays(cloudwatch, put_alarm):
    name = put_alarm(Period=3600)
    # Whether the other name is an error, AWS does not say.
    with contextlib.suppress(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.delete_alarms(AlarmNames=[name, f"{name}-never"])

    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    assert history(cloudwatch, name)


@documented(
    "PutMetricAlarm",
    "so Period multiplied by EvaluationPeriods can't be more than 604,800 seconds",
)
@field(
    "terraform-provider-aws issues",
    "ValidationError: Metrics cannot be checked across more than a day "
    "(EvaluationPeriods * Period must be <= 86400).",
)
def test_an_alarm_looks_back_a_day_at_most(put_alarm):
    code, message = refused(put_alarm, Period=60, EvaluationPeriods=1441)

    assert code == "ValidationError"
    assert "Metrics cannot be checked across more than a day" in message


@documented("PutMetricAlarm", "Valid values are 10, 20, 30, and any multiple of 60.")
@documented(
    "PutMetricAlarm",
    "you must specify either Statistic or ExtendedStatistic but not both.",
)
def test_an_alarm_needs_a_period_and_one_statistic(put_alarm):
    assert refused(put_alarm, Period=7)[0] == "ValidationError"
    assert refused(put_alarm, ExtendedStatistic="p90")[0] == "ValidationError"
    assert refused(put_alarm, Statistic=None)[0] == "ValidationError"


@ours("the model of SetAlarmState has ResourceNotFound, and it means the alarm")
def test_the_state_of_an_alarm_that_is_not_there_is_not_set(rig, cloudwatch):
    code, _ = refused(
        cloudwatch.set_alarm_state,
        AlarmName=rig.name(),
        StateValue="OK",
        StateReason="test",
    )

    assert code == "ResourceNotFound"


@documented(
    "PutMetricData",
    "supports retrieving percentile statistics on this data",
)
def test_counted_values_have_percentiles(rig, cloudwatch):
    namespace, now = rig.name(), dt.datetime.now(dt.UTC)
    datum = {"MetricName": "size", "Values": [1.0, 9.0], "Counts": [98.0, 2.0]}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    reading = {
        "Namespace": namespace,
        "MetricName": "size",
        "StartTime": now - 5 * MINUTE,
        "EndTime": now + 5 * MINUTE,
        "Period": 3600,
    }

    def read():
        return cloudwatch.get_metric_statistics(
            **reading, ExtendedStatistics=["p50", "p99"]
        )["Datapoints"]

    [point] = rig.eventually(read)
    [sums] = cloudwatch.get_metric_statistics(
        **reading, Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"]
    )["Datapoints"]

    assert point["ExtendedStatistics"] == {"p50": 1.0, "p99": 9.0}
    assert (sums["SampleCount"], sums["Sum"], sums["Average"]) == (100, 116, 1.16)
    assert (sums["Minimum"], sums["Maximum"], sums["Unit"]) == (1, 9, "None")


@documented("PutMetricData", "Values must be in the range of -2^360 to 2^360.")
@documented(
    "GetMetricStatistics",
    "If you request more than 1,440 data points, CloudWatch returns an error.",
)
def test_wrong_numbers_and_too_many_datapoints_are_refused(rig, cloudwatch):
    huge = {"MetricName": "size", "Value": 1e200}
    now = dt.datetime.now(dt.UTC)

    data = refused(cloudwatch.put_metric_data, Namespace=rig.name(), MetricData=[huge])
    span = refused(
        cloudwatch.get_metric_statistics,
        Namespace=rig.name(),
        MetricName="size",
        StartTime=now - 1441 * MINUTE,
        EndTime=now,
        Period=60,
        Statistics=["Sum"],
    )

    assert data[0] == "InvalidParameterValue"
    assert span[0] == "InvalidParameterCombination"


@guide(
    "monitoring-cloudwatch",
    "AWS/SageMaker has Invocations, Invocation4XXErrors, Invocation5XXErrors, "
    "InvocationModelErrors, ModelLatency, OverheadLatency and InvocationsPerInstance by "
    "EndpointName and VariantName; latencies are in microseconds",
)
def test_the_invocations_of_a_variant_are_measured(rig, cloudwatch, endpoint):
    name, now = endpoint["EndpointName"], dt.datetime.now(dt.UTC)
    for _ in range(3):
        rig.runtime.invoke_endpoint(EndpointName=name, Body=b"{}")
    variant = endpoint["ProductionVariants"][0]["VariantName"]
    dimensions = {"EndpointName": name, "VariantName": variant}

    def total(metric, unit="None", statistic="Sum"):
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": n, "Value": v} for n, v in dimensions.items()],
            StartTime=now - 5 * MINUTE,
            EndTime=dt.datetime.now(dt.UTC) + MINUTE,
            Period=3600,
            Statistics=[statistic],
            Unit=unit,
        )["Datapoints"]
        return found[0][statistic] if found else None

    rig.eventually(lambda: (total("Invocations") or 0) >= 3)
    assert total("InvocationsPerInstance") == total("Invocations")
    assert total("Invocation5XXErrors") is not None
    assert 0 < total("ModelLatency", "Microseconds", "Average") < 60_000_000
    assert 0 < total("OverheadLatency", "Microseconds", "Average") < 60_000_000


@ours("a tag of an alarm is replaced by its key, as that of any resource")
def test_an_alarm_has_tags(cloudwatch, put_alarm):
    name = put_alarm(Period=3600, Tags=[{"Key": "team", "Value": "risk"}])
    arn = described(cloudwatch, name)["AlarmArn"]

    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "fraud"}])

    tags = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert tags == [{"Key": "team", "Value": "fraud"}]


@documented("DescribeAlarmsForMetric", "Retrieves the alarms for the specified metric.")
@documented(
    "DescribeAlarmsForMetric",
    "To filter the results, specify a statistic, period, or unit.",
)
def test_the_alarms_of_a_metric_are_found(cloudwatch, put_alarm):
    name = put_alarm(Period=3600)
    asked = {"Namespace": name, "MetricName": "size"}

    def found(**filters):
        answer = cloudwatch.describe_alarms_for_metric(**asked, **filters)
        return [each["AlarmName"] for each in answer["MetricAlarms"]]

    assert found() == found(Period=3600, Statistic="Sum") == [name]
    assert found(Period=60) == []


@documented("DisableAlarmActions", "Disables the actions for the specified alarms.")
@documented("EnableAlarmActions", "Enables the actions for the specified alarms.")
def test_the_actions_of_an_alarm_are_switched(cloudwatch, put_alarm):
    name = put_alarm(Period=3600)
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    disabled = described(cloudwatch, name)["ActionsEnabled"]
    cloudwatch.enable_alarm_actions(AlarmNames=[name])

    assert (disabled, described(cloudwatch, name)["ActionsEnabled"]) == (False, True)


@documented("ListMetrics", "List the specified metrics.")
@documented(
    "GetMetricData",
    "You can use the GetMetricData API to retrieve CloudWatch metric values.",
)
def test_a_metric_is_listed_and_its_data_read(rig, cloudwatch):
    namespace, now = rig.name(), dt.datetime.now(dt.UTC)
    dimensions = [{"Name": "Variant", "Value": "a"}]
    datum = {"MetricName": "size", "Value": 5.0, "Dimensions": dimensions}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    metric = {
        "Namespace": namespace,
        "MetricName": "size",
        "Dimensions": dimensions,
    }
    stat = {"Metric": metric, "Period": 3600, "Stat": "Sum"}

    def values():
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "size", "MetricStat": stat}],
            StartTime=now - 60 * MINUTE,
            EndTime=now + 60 * MINUTE,
        )
        return answer["MetricDataResults"][0]["Values"]

    assert rig.eventually(values) == [5.0]
    listed = rig.eventually(
        lambda: cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
    )
    assert listed == [metric]


@ours("the tags of an alarm are removed by their keys")
def test_the_tags_of_an_alarm_are_removed(cloudwatch, put_alarm):
    name = put_alarm(Period=3600, Tags=[{"Key": "team", "Value": "risk"}])
    arn = described(cloudwatch, name)["AlarmArn"]
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team"])

    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
