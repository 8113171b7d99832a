import contextlib
import sqlite3
import time
from dataclasses import replace

import pytest

from slipway.errors import SlipwayError
from slipway.sagemaker_local.cloudwatch import metric_store
from slipway.sagemaker_local.cloudwatch.alarm_store import HISTORY_KEPT
from slipway.sagemaker_local.cloudwatch.evaluation import Datapoint, Rule
from slipway.sagemaker_local.cloudwatch.metric import Datum, Metric
from slipway.sagemaker_local.cloudwatch.metric_store import Point
from slipway.sagemaker_local.cloudwatch.sample import sample
from slipway.sagemaker_local.cloudwatch.series import (
    datapoints,
    evaluated_range,
    periods,
)
from slipway.sagemaker_local.cloudwatch.service import opened

METRIC = Metric("eu-west-1", "test", "size", (("color", "blue"),))
NOON = 1_800_000_000 // 3600 * 3600


@pytest.fixture
def cloudwatch(tmp_path):
    made = opened(tmp_path / "cloudwatch.sqlite")
    yield made
    made.close()


def datum(at, value=1.0, span=1, unit="None"):
    return Datum(METRIC, at, span, unit, sample({value: 1.0}))


def kept(cloudwatch):
    return cloudwatch.metrics.points(METRIC, 0, 2 * NOON)


def test_what_comes_later_of_a_span_is_put_to_it(cloudwatch):
    cloudwatch.metrics.add([datum(NOON + 0.2), datum(NOON + 0.9, 3.0)])
    cloudwatch.metrics.add([datum(NOON + 0.5, 5.0), datum(NOON, unit="Bytes")])

    found = {each.unit: each.sample for each in kept(cloudwatch)}

    assert found["None"].counts == {1.0: 1, 3.0: 1, 5.0: 1}
    assert found["Bytes"].count == 1


def test_values_are_kept_as_they_were_measured(cloudwatch):
    values = {0.1: 1.0, 2.0: 0.5, 3.25: 2.0, -1e12: 1.0}
    cloudwatch.metrics.add([replace(datum(NOON), sample=sample(values))])

    (point,) = kept(cloudwatch)

    assert point.sample == sample(values)


def test_a_span_of_a_minute_begins_with_it(cloudwatch):
    cloudwatch.metrics.add([datum(NOON + 59, span=60), datum(NOON + 60, span=60)])

    assert [each.at for each in kept(cloudwatch)] == [NOON, NOON + 60]


def test_seconds_become_minutes_and_minutes_go(cloudwatch):
    seconds = [datum(NOON + n, float(n)) for n in range(90)]
    cloudwatch.metrics.add([*seconds, datum(NOON, 7.0, span=60)])

    cloudwatch.metrics.forget(NOON + metric_store.SECONDS_KEPT + 61)
    first, *rest = kept(cloudwatch)
    cloudwatch.metrics.forget(NOON + metric_store.SECONDS_KEPT + 120)
    minutes = kept(cloudwatch)
    cloudwatch.metrics.forget(NOON + metric_store.MINUTES_KEPT + 30)
    last = kept(cloudwatch)

    assert (first.at, first.sample.count) == (NOON, 61)
    assert first.sample.total == sum(range(60)) + 7
    assert len(rest) == 30
    assert [each.sample.count for each in minutes] == [61, 30]
    assert [each.at for each in last] == [NOON + 60]
    cloudwatch.metrics.forget(NOON + metric_store.MINUTES_KEPT + 300)
    assert kept(cloudwatch) == []
    assert cloudwatch.metrics.metrics("eu-west-1", 0) == []


def test_another_layout_is_refused(tmp_path):
    path = tmp_path / "cloudwatch.sqlite"
    opened(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(SlipwayError, match="state layout 99 is not"):
        opened(path)


def test_history_goes_after_a_month(cloudwatch):
    alarms = cloudwatch.alarms
    alarms.put("eu-west-1", {"AlarmName": "a"}, {}, most=1)

    alarms.forget(time.time() + HISTORY_KEPT - 60)
    before = alarms.events("eu-west-1", "a", 0, 2e9)
    alarms.forget(time.time() + HISTORY_KEPT + 60)

    assert len(before) == 1
    assert alarms.events("eu-west-1", "a", 0, 2e9) == []


def test_an_alarm_is_changed_with_its_history_or_not_at_all(cloudwatch):
    alarms = cloudwatch.alarms
    alarms.put("eu-west-1", {"AlarmName": "a"}, {}, most=1)

    def fail(_):
        raise KeyError

    with pytest.raises(KeyError):
        alarms.change("eu-west-1", "a", fail)
    alarms.change("eu-west-1", "a", lambda alarm: replace(alarm, state="OK"))
    alarms.change("eu-west-1", "a", lambda alarm: alarm)

    summaries = [each.summary for each in alarms.events("eu-west-1", "a", 0, 2e9)]
    assert summaries[1:] == ["Alarm updated from INSUFFICIENT_DATA to OK"]
    assert alarms.change("eu-west-1", "never", fail) is None


def rule(period):
    return Rule(period, 2, 2, 1.0, "GreaterThanThreshold", "missing", "Sum")


@pytest.mark.parametrize(
    ("period", "now", "begin", "end"),
    [
        (10, NOON + 9.9, NOON - 40, NOON),
        (30, NOON + 19, NOON - 110, NOON + 10),
        (60, NOON + 59, NOON - 240, NOON),
        # A longer one moves on each minute.
        (300, NOON + 61, NOON + 60 - 1200, NOON + 60),
    ],
)
def test_an_alarm_looks_at_whole_periods(period, now, begin, end):
    assert evaluated_range(rule(period), now) == (begin, end)


def test_periods_without_data_are_missing():
    points = [Point(NOON - 15, "None", sample({2.0: 2.0}))]

    found = datapoints(rule(10), points, NOON, None)

    assert found == [
        Datapoint(NOON - 40),
        Datapoint(NOON - 30),
        Datapoint(NOON - 20, 4.0, 2),
        Datapoint(NOON - 10),
    ]
    assert periods(points, NOON - 40, 10, "Bytes") == {}
