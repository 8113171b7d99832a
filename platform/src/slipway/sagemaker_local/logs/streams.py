"""Log streams: which one is meant, and what a group has."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.logs.faults import group_missing, invalid, stream_missing
from slipway.sagemaker_local.logs.folder import LogFolder, Stream
from slipway.sagemaker_local.logs.groups import arn_of, group_of, page
from slipway.sagemaker_local.logs.lines import backward, end_of, forward

_BY_TIME = "LastEventTime"


def describe_log_streams(
    logs: LogFolder, region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """DescribeLogStreams, by name or by the time of the last event."""
    group, prefix = group_of(region, payload), payload.get("logStreamNamePrefix", "")
    by_time = payload.get("orderBy") == _BY_TIME
    if by_time and prefix:
        message = "Cannot order by LastEventTime with a logStreamNamePrefix."
        raise invalid(message)
    keys = {
        _time_key(each) if by_time else each.name: each
        for each in streams_of(logs, region, group, prefix)
    }
    ordered = sorted(keys, reverse=bool(payload.get("descending")))
    shown, token = page(ordered, payload)
    return {"logStreams": [_described(region, keys[each]) for each in shown], **token}


def streams_of(
    logs: LogFolder, region: str, group: str, prefix: str = ""
) -> list[Stream]:
    """Return the streams of a group by name; a group without any is not there."""
    found = logs.streams(region, group, prefix)
    if not found and not logs.has_group(region, group):
        raise group_missing()
    return found


def stream_of(logs: LogFolder, region: str, payload: Mapping[str, Any]) -> Stream:
    """Return the stream that a request is about."""
    name = payload["logStreamName"]
    for each in streams_of(logs, region, group_of(region, payload), name):
        if each.name == name:
            return each
    raise stream_missing()


def _time_key(stream: Stream) -> str:
    return f"{_written_at(stream):020d}/{stream.name}"


def _written_at(stream: Stream) -> int:
    return stream.path.stat().st_mtime_ns // 1_000_000


def _described(region: str, stream: Stream) -> dict[str, Any]:
    described: dict[str, Any] = {
        "logStreamName": stream.name,
        "arn": f"{arn_of(region, stream.group)}:log-stream:{stream.name}",
        "creationTime": _written_at(stream),
        "storedBytes": 0,
    }
    first = next(forward(stream.path), None)
    last = next(backward(stream.path, end_of(stream.path)), None)
    if first is not None and last is not None:
        described["creationTime"] = first.timestamp
        described["firstEventTimestamp"] = first.timestamp
        described["lastEventTimestamp"] = last.timestamp
        described["lastIngestionTime"] = last.timestamp
    return described
