"""GetMetricStatistics, GetMetricData, ListMetrics."""

import math
import time
from collections.abc import Sequence
from typing import Any

from slipway.sagemaker_local.cloudwatch.metric import Metric, metric_of
from slipway.sagemaker_local.cloudwatch.operations.requests import (
    Members,
    moment,
    page,
    position,
    token,
)
from slipway.sagemaker_local.cloudwatch.sample import Sample
from slipway.sagemaker_local.cloudwatch.series import periods
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.statistics import is_known, statistic
from slipway.sagemaker_local.cloudwatch.wire.faults import (
    combination,
    invalid,
    missing,
)

_MINUTE, _DAY = 60, 86_400
_SHORT_PERIODS = (1, 5, 10, 20, 30)
#: AWS's limits: datapoints of one GetMetricStatistics and of one page of GetMetricData,
#: queries of one GetMetricData, metrics of one page.
MOST_STATISTICS, MOST_DATAPOINTS, MOST_QUERIES, MOST_METRICS = 1440, 100_800, 500, 500
#: A metric is listed so long after its last datapoint, in seconds.
_LISTED, _RECENT = 14 * _DAY, 3 * 3600


def get_metric_statistics(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """GetMetricStatistics: one datapoint for each period and unit that has data."""
    operation, period = "GetMetricStatistics", members["Period"]
    plain, extended = (members.get(n, ()) for n in ("Statistics", "ExtendedStatistics"))
    if not plain and not extended:
        raise missing(operation, "Statistics or ExtendedStatistics")
    if plain and extended:
        message = "Give either Statistics or ExtendedStatistics, and not both."
        raise combination(operation, message)
    _check_statistics(operation, [*plain, *extended])
    start, end = _span(operation, members, period)
    asked = -((start - end) // period)
    if asked > MOST_STATISTICS:
        message = (
            f"You have requested up to {asked:,} datapoints, which exceeds the limit of "
            f"{MOST_STATISTICS:,}. You may reduce the datapoints requested by increasing "
            "Period, or decreasing the time range."
        )
        raise combination(operation, message)
    cloudwatch.watch.settle()
    points = cloudwatch.metrics.points(metric_of(region, members), start, end)
    units = sorted({each.unit for each in points})
    wanted = [unit for unit in units if members.get("Unit") in (None, unit)]
    return {
        "Label": members["MetricName"],
        "Datapoints": [
            {"Timestamp": at, **described, "Unit": unit}
            for unit in wanted
            for at, sample in periods(points, start, period, unit).items()
            if (described := _described(sample, members))
        ],
    }


def get_metric_data(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """GetMetricData: each query's values by time; a page goes on in the next one."""
    operation, queries = "GetMetricData", members["MetricDataQueries"]
    _check_queries(queries)
    most = members.get("MaxDatapoints", MOST_DATAPOINTS)
    if not 1 <= most <= MOST_DATAPOINTS:
        message = f"MaxDatapoints must be from 1 to {MOST_DATAPOINTS}"
        raise invalid(operation, message)
    cloudwatch.watch.settle()
    start = position(members)
    left, behind, results = most, start, []
    for query in (each for each in queries if each.get("ReturnData", True)):
        found = _values(cloudwatch, region, members, query)
        shown = found[behind : behind + left]
        whole = behind + left >= len(found)
        behind, left = max(behind - len(found), 0), left - len(shown)
        results.append(_result(query, shown, whole=whole))
    total = position(members) + most
    return {"MetricDataResults": results, "Messages": [], **_more(results, total)}


def list_metrics(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """ListMetrics: those that had data of late, 500 a page."""
    cloudwatch.watch.settle()
    kept = _RECENT if members.get("RecentlyActive") else _LISTED
    found = [
        each
        for each in cloudwatch.metrics.metrics(region, time.time() - kept)
        if _matches(each, members)
    ]
    shown, more = page(found, members, MOST_METRICS)
    return {"Metrics": [each.described for each in shown], **more}


def _check_queries(queries: Sequence[Members]) -> None:
    operation, ids = "GetMetricData", [each["Id"] for each in queries]
    if not 1 <= len(ids) <= MOST_QUERIES:
        message = f"MetricDataQueries must have from 1 to {MOST_QUERIES} members"
        raise invalid(operation, message)
    if len(set(ids)) < len(ids):
        message = "The values for parameter id in MetricDataQueries are not unique."
        raise invalid(operation, message)
    for name in ids:
        if not (name[0].islower() and name.replace("_", "a").isalnum()):
            message = (
                f"The id '{name}' must begin with a lower case letter, and have only "
                "letters, numbers and _"
            )
            raise invalid(operation, message)
    _check_statistics(operation, [each["MetricStat"]["Stat"] for each in queries])


def _check_statistics(operation: str, names: Sequence[str]) -> None:
    for name in names:
        if not is_known(name):
            message = (
                f"The local SageMaker server does not support the statistic '{name}'. "
                "Supported: SampleCount, Average, Sum, Minimum, Maximum and percentiles "
                "from p0 to p100"
            )
            raise invalid(operation, message)


def _span(operation: str, members: Members, period: int) -> tuple[int, int]:
    """Return the begin, at a whole minute or short period, and the end."""
    if period > _DAY or (period not in _SHORT_PERIODS and period % _MINUTE):
        message = (
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, at most "
            f"{_DAY}."
        )
        raise invalid(operation, message)
    start = moment(operation, members, "StartTime") or 0.0
    end = moment(operation, members, "EndTime") or 0.0
    if start >= end:
        message = "The parameter StartTime must be less than the parameter EndTime."
        raise combination(operation, message)
    whole = min(period, _MINUTE)
    return int(start // whole * whole), math.ceil(end)


def _described(sample: Sample, members: Members) -> dict[str, Any]:
    """Return the statistics of a datapoint that its sample tells."""
    extended = {
        name: value
        for name in members.get("ExtendedStatistics", ())
        if (value := statistic(sample, name)) is not None
    }
    if extended:
        return {"ExtendedStatistics": extended}
    return {name: statistic(sample, name) for name in members.get("Statistics", ())}


def _values(
    cloudwatch: CloudWatch, region: str, members: Members, query: Members
) -> list[tuple[int, float]]:
    asked = query["MetricStat"]
    start, end = _span("GetMetricData", members, asked["Period"])
    metric = metric_of(region, asked["Metric"])
    points = cloudwatch.metrics.points(metric, start, end)
    found = periods(points, start, asked["Period"], asked.get("Unit"))
    values = [(at, statistic(sample, asked["Stat"])) for at, sample in found.items()]
    known = [(at, value) for at, value in values if value is not None]
    newest_first = members.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    return known[::-1] if newest_first else known


def _result(
    query: Members, values: Sequence[tuple[int, float]], *, whole: bool
) -> dict[str, Any]:
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
        "Timestamps": [at for at, _ in values],
        "Values": [value for _, value in values],
        "StatusCode": "Complete" if whole else "PartialData",
    }


def _more(results: Sequence[Members], total: int) -> dict[str, str]:
    partial = any(each["StatusCode"] == "PartialData" for each in results)
    return {"NextToken": token(total)} if partial else {}


def _matches(metric: Metric, members: Members) -> bool:
    """Say whether a metric has a request's namespace, name and dimensions."""
    given = dict(metric.dimensions)
    wanted = members.get("Dimensions", ())
    return (
        members.get("Namespace") in (None, metric.namespace)
        and members.get("MetricName") in (None, metric.name)
        and all(
            each["Name"] in given and each.get("Value") in (None, given[each["Name"]])
            for each in wanted
        )
    )
