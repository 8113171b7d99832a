import math

import pytest
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from slipway.sagemaker.service_model import operation_model
from slipway.sagemaker_local.cloudwatch.app import HANDLERS
from slipway.sagemaker_local.cloudwatch.invocation_metrics import (
    UNITS,
    Observed,
    data_of,
)
from slipway.sagemaker_local.cloudwatch.sample import merged, sample, summed
from slipway.sagemaker_local.cloudwatch.statistics import (
    STATISTICS,
    enough_for,
    is_known,
    statistic,
)
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS
from slipway.sagemaker_local.cloudwatch.wire.form import members_of

NUMBERS = st.floats(0, 1e6, allow_nan=False)
COUNTS = st.dictionaries(NUMBERS, st.integers(1, 5).map(float), min_size=1, max_size=9)


@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_a_merged_sample_is_that_of_all_its_values(parts):
    values = sorted(
        value
        for part in parts
        for value, count in part.items()
        for _ in range(int(count))
    )

    found = merged(sample(part) for part in parts)

    assert found.count == len(values)
    assert math.isclose(found.total, sum(values), abs_tol=1e-9)
    assert (found.low, found.high) == (values[0], values[-1])
    for share in (0, 10, 50, 90, 99.9, 100):
        rank = max(math.ceil(share / 100 * len(values)), 1)
        assert statistic(found, f"p{share}") == values[rank - 1]


def test_a_sample_of_very_many_values_keeps_two_digits_of_each():
    found = sample({float(n): 1.0 for n in range(1, 10_001)})

    assert found.count == 10_000
    assert (found.low, found.high) == (1, 10_000)
    assert len(found.counts or {}) < 400
    assert statistic(found, "p90") == pytest.approx(9000, rel=0.05)


def test_sums_tell_no_percentile_unless_all_values_are_the_same():
    assert statistic(summed(2, 30, 10, 20), "p50") is None
    assert statistic(summed(2, 20, 10, 10), "p50") == 10
    assert statistic(merged([sample({1.0: 1.0}), summed(2, 30, 10, 20)]), "p50") is None
    assert statistic(sample({-1.0: 1.0, 2.0: 1.0}), "p50") is None


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *((each, True) for each in STATISTICS),
        *(("p0", True), ("p99.9", True), ("p100", True), ("p0.0000000001", True)),
        *(("p101", False), ("p", False), ("P90", False), ("p-1", False)),
        *(("tm90", False), ("IQM", False), ("p90 ", False), ("average", False)),
    ],
)
def test_statistics_are_known_by_name(name, known):
    assert is_known(name) == known


def test_a_percentile_needs_ten_values_in_its_tail():
    assert not enough_for("p99", 999)
    assert enough_for("p99", 1001)
    assert not enough_for("p10", 99)
    assert enough_for("p50", 20)
    assert enough_for("Average", 1)


def test_each_invocation_is_counted_once_for_its_variant_and_once_for_its_config():
    first = Observed("r", "e", "c", "v", 7, 200, 200, 0.25, 0.001, 2)
    second = first._replace(status=424, original_status=503)
    third = first._replace(status=503, original_status=0, model_latency=0.0)

    data = list(data_of([first, second, third]))

    by_config = {"EndpointConfigName" in dict(each.metric.dimensions) for each in data}
    assert by_config == {True, False}
    found = {
        each.metric.name: each for each in data if len(each.metric.dimensions) == 2
    }
    assert set(found) == set(UNITS)
    assert {each.unit for each in data} == {"None", "Microseconds"}
    totals = {name: each.sample.total for name, each in found.items()}
    assert totals["Invocations"] == 3
    assert totals["InvocationsPerInstance"] == 1.5
    assert totals["Invocation4XXErrors"] == 0
    assert totals["Invocation5XXErrors"] == 1
    assert totals["InvocationModelErrors"] == 2
    # No answer, no latency of the model.
    assert found["ModelLatency"].sample.counts == {250_000.0: 2}
    assert found["OverheadLatency"].sample.counts == {1000.0: 3}


def test_every_supported_operation_has_one_who_answers_it():
    assert list(HANDLERS) == list(OPERATIONS)


TEXT = st.text("ab .&=é", min_size=1, max_size=5)
DATUM = st.fixed_dictionaries(
    {"MetricName": TEXT},
    optional={
        "Value": NUMBERS,
        "Unit": st.sampled_from(["Count", "None"]),
        "StorageResolution": st.sampled_from([1, 60]),
        "Values": st.lists(NUMBERS, max_size=3),
        "Dimensions": st.lists(
            st.fixed_dictionaries({"Name": TEXT, "Value": TEXT}), max_size=3
        ),
    },
)


@given(TEXT, st.lists(DATUM, max_size=12))
def test_a_form_is_read_as_botocore_writes_it(namespace, data):
    members = {"Namespace": namespace, "MetricData": data}
    model = operation_model("cloudwatch", "PutMetricData")
    form = create_serializer("query").serialize_to_request(members, model)["body"]
    written = {name: str(value) for name, value in form.items()}

    assert members_of(written, model.input_shape) == members
