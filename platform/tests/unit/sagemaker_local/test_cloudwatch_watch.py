import threading
import time

import pytest

from slipway.sagemaker_local.cloudwatch.alarm_store import AlarmStore
from slipway.sagemaker_local.cloudwatch.database import Database
from slipway.sagemaker_local.cloudwatch.invocation_metrics import NAMESPACE
from slipway.sagemaker_local.cloudwatch.metric import Metric
from slipway.sagemaker_local.cloudwatch.metric_store import MetricStore
from slipway.sagemaker_local.cloudwatch.watch import Watch
from slipway.sagemaker_local.endpoints.observation import Invocation
from slipway.sagemaker_local.faults import StorageFullError
from slipway.testing.waiting import wait_until

REGION = "eu-west-1"
VARIANT = (("EndpointName", "e"), ("VariantName", "v"))


class Alarms(AlarmStore):
    """Counts how often all alarms are read."""

    reads = 0

    def every(self, region=None):
        self.reads += 1
        return super().every(region)


class FullMetrics(MetricStore):
    """Has no space for the first data."""

    refused = 0

    def add(self, data):
        if not self.refused:
            self.refused += 1
            message = "database or disk is full"
            raise StorageFullError(message)
        super().add(data)


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "cloudwatch.sqlite")
    yield made
    made.close()


@pytest.fixture
def alarms(database):
    return Alarms(database)


@pytest.fixture
def metrics(database):
    return MetricStore(database)


@pytest.fixture
def watch(metrics, alarms):
    made = Watch(metrics, alarms)
    made.start()
    yield made
    made.close()


def invocation():
    return Invocation(
        region=REGION,
        endpoint="e",
        config="c",
        variant="v",
        begun_at=time.time(),
        model_latency=0.001,
        overhead_latency=0.001,
        status=200,
        original_status=200,
        request=b"",
        answer=b"",
        content_type=None,
        answer_content_type=None,
        inference_id=None,
        custom_attributes=None,
    )


def counted(metrics):
    metric = Metric(REGION, NAMESPACE, "Invocations", VARIANT)
    return sum(each.sample.total for each in metrics.points(metric, 0, 2e10))


def alarm(name, missing):
    return {
        "AlarmName": name,
        "Namespace": "n",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 3600,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": missing,
    }


def test_without_alarms_the_thread_writes_and_looks_at_nothing(watch, metrics, alarms):
    watch.observe(invocation())

    wait_until(lambda: counted(metrics) == 1, seconds=10)
    watch.observe(invocation())
    wait_until(lambda: counted(metrics) == 2, seconds=10)

    # Once when it began; there is nothing to look for after that.
    assert alarms.reads == 1


def test_every_invocation_of_many_threads_is_counted_once(watch, metrics):
    def observe():
        for _ in range(500):
            watch.observe(invocation())

    threads = [threading.Thread(target=observe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.settle()

    assert counted(metrics) == 4000


def test_what_is_pending_is_written_at_the_end(metrics, alarms):
    watch = Watch(metrics, alarms)
    watch.start()
    watch.observe(invocation())

    watch.close()

    assert counted(metrics) == 1


def test_an_alarm_is_evaluated_when_it_is_put(watch, alarms):
    for name, missing, state in (
        ("bad", "breaching", "ALARM"),
        ("good", "notBreaching", "OK"),
    ):
        alarms.put(REGION, alarm(name, missing), {}, most=2)
        watch.look(REGION, name)
        wait_until(lambda: alarms.get(REGION, name).state == state, seconds=10)  # noqa: B023  # asked at once

    # The others are not looked at for it: at the start alone, and when a minute ends.
    assert alarms.reads <= 2


def test_an_alarm_that_was_there_is_evaluated_at_the_start(metrics, alarms):
    alarms.put(REGION, alarm("bad", "breaching"), {}, most=1)
    watch = Watch(metrics, alarms)

    watch.start()

    wait_until(lambda: alarms.firing(REGION, ["bad"]) == ["bad"], seconds=10)
    watch.close()


def test_a_full_disk_costs_metrics_and_no_invocation(database, alarms, caplog):
    metrics = FullMetrics(database)
    watch = Watch(metrics, alarms)
    watch.observe(invocation())
    watch.settle()
    watch.observe(invocation())
    watch.settle()

    assert counted(metrics) == 1
    assert "invocation_metrics_lost count=1" in caplog.text
