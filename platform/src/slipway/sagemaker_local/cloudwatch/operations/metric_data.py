"""PutMetricData."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.sagemaker_local.cloudwatch.metric import NO_UNIT, Datum, metric_of
from slipway.sagemaker_local.cloudwatch.operations.requests import Members, moment
from slipway.sagemaker_local.cloudwatch.sample import Sample, sample, summed
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.wire.faults import (
    combination,
    invalid,
    missing,
)

_OPERATION = "PutMetricData"
#: AWS's limits: of a request, of a datum, in seconds, and of a value.
MOST_DATA, MOST_VALUES = 1000, 150
_OLDEST, _LATEST = 14 * 24 * 3600, 2 * 3600
_LARGEST = 2.0**360
_RESOLUTIONS = (1, 60)


def put_metric_data(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """PutMetricData: all of it is kept, or nothing."""
    data = members.get("MetricData")
    if not data:
        raise missing(_OPERATION, "MetricData")
    if len(data) > MOST_DATA:
        message = (
            f"The collection MetricData must not have a size greater than {MOST_DATA}."
        )
        raise invalid(_OPERATION, message)
    cloudwatch.metrics.add(list(_data(region, members["Namespace"], data)))
    return {}


def _data(
    region: str, namespace: str, data: list[Mapping[str, Any]]
) -> Iterator[Datum]:
    now = time.time()
    for number, each in enumerate(data, start=1):
        path = f"MetricData.member.{number}"
        resolution = each.get("StorageResolution", 60)
        if resolution not in _RESOLUTIONS:
            message = f"The parameter {path}.StorageResolution must be 1 or 60."
            raise invalid(_OPERATION, message)
        yield Datum(
            metric_of(region, {**each, "Namespace": namespace}),
            _at(each, path, now),
            resolution,
            each.get("Unit", NO_UNIT),
            _sample(each, path),
        )


def _at(each: Mapping[str, Any], path: str, now: float) -> float:
    at = moment(_OPERATION, each, "Timestamp")
    if at is None:
        return now
    if not now - _OLDEST <= at <= now + _LATEST:
        message = (
            f"The parameter {path}.Timestamp must specify a time within the past two "
            "weeks or the next two hours."
        )
        raise invalid(_OPERATION, message)
    return at


def _sample(each: Mapping[str, Any], path: str) -> Sample:
    given = [name for name in ("Value", "StatisticValues", "Values") if name in each]
    if not given:
        message = f"{path}.Value, {path}.Values or {path}.StatisticValues"
        raise missing(_OPERATION, message)
    if len(given) > 1 or ("Counts" in each and given != ["Values"]):
        message = (
            f"The parameters {path}.{given[0]} and {path}.{[*given, 'Counts'][1]} are "
            "mutually exclusive and you have specified both."
        )
        raise combination(_OPERATION, message)
    if "Value" in each:
        return sample({_number(each["Value"], f"{path}.Value"): 1.0})
    if "Values" in each:
        return _counted(each, path)
    return _summed(each["StatisticValues"], f"{path}.StatisticValues")


def _counted(each: Mapping[str, Any], path: str) -> Sample:
    values = each["Values"]
    counts = each.get("Counts", [1.0] * len(values))
    if not 0 < len(values) <= MOST_VALUES or len(counts) != len(values):
        message = (
            f"The parameters {path}.Values and {path}.Counts must have the same size, "
            f"from 1 to {MOST_VALUES}."
        )
        raise invalid(_OPERATION, message)
    found: Counter[float] = Counter()
    for value, count in zip(values, counts, strict=True):
        times = _number(count, f"{path}.Counts")
        if times < 0:
            message = f"The parameter {path}.Counts must not have a negative number."
            raise invalid(_OPERATION, message)
        found[_number(value, f"{path}.Values")] += times  # type: ignore[assignment]  # a weight
    if not any(found.values()):
        message = f"The parameter {path}.Counts must have a number above 0."
        raise invalid(_OPERATION, message)
    return sample(found)


def _summed(values: Mapping[str, Any], path: str) -> Sample:
    names = ("SampleCount", "Sum", "Minimum", "Maximum")
    count, total, low, high = (_number(values[n], f"{path}.{n}") for n in names)
    if count <= 0 or low > high:
        message = (
            f"The parameter {path} must have a SampleCount above 0, and a Minimum that is "
            "not above its Maximum."
        )
        raise invalid(_OPERATION, message)
    return summed(count, total, low, high)


def _number(value: float, path: str) -> float:
    """Return a number that CloudWatch takes; 10**400 of JSON is none."""
    if not abs(value) <= _LARGEST:  # not a number is no less than any
        message = f"The value {str(value)[:50]} for parameter {path} is invalid."
        raise invalid(_OPERATION, message)
    return float(value)
