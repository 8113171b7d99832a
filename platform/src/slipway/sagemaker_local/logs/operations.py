"""CloudWatch Logs' reads, answered from the log files."""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.logs.folder import (
    PREFIX,
    Event,
    LogFolder,
    Stream,
    events,
    is_ours,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]
Reader = Callable[[LogFolder, str, Payload], Answer]
_MOST_EVENTS = 10_000
_MOST_ITEMS = 50
_TOKEN = re.compile(r"[fb]/(\d{1,18})")
_TERMS = re.compile(r'(?:"[^"]*"|[\w.\-/]+)(?:\s+(?:"[^"]*"|[\w.\-/]+))*')


def reader_for(operation: str, payload: Payload) -> Reader | None:
    """Return who answers a request of `logs`; None for what is moto's."""
    prefix = payload.get("logGroupNamePrefix")
    if operation == "DescribeLogGroups":
        ours = isinstance(prefix, str) and prefix.startswith(PREFIX)
        return describe_log_groups if ours else None
    group = payload.get("logGroupName")
    return READERS.get(operation) if isinstance(group, str) and is_ours(group) else None


def describe_log_groups(logs: LogFolder, region: str, payload: Payload) -> Answer:
    """DescribeLogGroups."""
    prefix = payload["logGroupNamePrefix"]
    names = [name for name in logs.groups(region) if name.startswith(prefix)]
    shown = [
        {"logGroupName": name, "arn": _arn(region, name), "storedBytes": 0}
        for name in names
    ]
    return {"logGroups": shown[: _limit(payload, _MOST_ITEMS)]}


def describe_log_streams(logs: LogFolder, region: str, payload: Payload) -> Answer:
    """DescribeLogStreams, by name or by the time of the last event."""
    group, prefix = payload["logGroupName"], payload.get("logStreamNamePrefix", "")
    streams = _streams(logs, region, group)
    found = [each for each in streams if each.name.startswith(prefix)]
    if payload.get("orderBy") == "LastEventTime":
        found.sort(key=lambda each: each.path.stat().st_mtime)
    if payload.get("descending"):
        found.reverse()
    start = _position(payload.get("nextToken"), default=0)
    limit = _limit(payload, _MOST_ITEMS)
    shown = [_described(region, each) for each in found[start : start + limit]]
    answer: Answer = {"logStreams": shown}
    if start + limit < len(found):
        answer["nextToken"] = f"f/{start + limit}"
    return answer


def get_log_events(logs: LogFolder, region: str, payload: Payload) -> Answer:
    """GetLogEvents: a token is a position in the file, the same at its end."""
    stream = _stream(logs, region, payload)
    token, limit = payload.get("nextToken"), _limit(payload, _MOST_EVENTS)
    start = _position(token, default=0)
    found = [each for each in events(stream.path, start) if _within(each, payload)]
    if token is None and not payload.get("startFromHead"):
        shown = found[-limit:]
    else:
        shown = found[:limit]
    end = shown[-1].end if shown else start
    return {
        "events": [
            {
                "timestamp": each.timestamp,
                "message": each.message,
                "ingestionTime": each.timestamp,
            }
            for each in shown
        ],
        "nextForwardToken": f"f/{end}",
        "nextBackwardToken": f"b/{start}",
    }


def filter_log_events(logs: LogFolder, region: str, payload: Payload) -> Answer:
    """FilterLogEvents, by terms that must all be in a line."""
    group, limit = payload["logGroupName"], _limit(payload, _MOST_EVENTS)
    names, prefix = payload.get("logStreamNames"), payload.get("logStreamNamePrefix")
    streams = [
        each
        for each in _streams(logs, region, group)
        if (names is None or each.name in names) and each.name.startswith(prefix or "")
    ]
    terms = _terms(payload.get("filterPattern", ""))
    start = _position(payload.get("nextToken"), default=0)
    merged = heapq.merge(*map(_numbered, streams), key=lambda each: each[1].timestamp)
    wanted = (
        (stream, event)
        for stream, event in merged
        if _within(event, payload) and all(term in event.message for term in terms)
    )
    found = [
        each for number, each in enumerate(wanted) if start <= number <= start + limit
    ]
    answer: Answer = {
        "events": [_filtered(stream, event) for stream, event in found[:limit]],
        "searchedLogStreams": [],
    }
    if len(found) > limit:
        answer["nextToken"] = f"f/{start + limit}"
    return answer


READERS: Mapping[str, Reader] = {
    "DescribeLogStreams": describe_log_streams,
    "GetLogEvents": get_log_events,
    "FilterLogEvents": filter_log_events,
}


def _streams(logs: LogFolder, region: str, group: str) -> list[Stream]:
    found = logs.streams(region, group)
    if not found:
        message = "The specified log group does not exist."
        raise _missing(message)
    return found


def _stream(logs: LogFolder, region: str, payload: Payload) -> Stream:
    for each in _streams(logs, region, payload["logGroupName"]):
        if each.name == payload.get("logStreamName"):
            return each
    message = "The specified log stream does not exist."
    raise _missing(message)


def _numbered(stream: Stream) -> Iterator[tuple[Stream, Event]]:
    return ((stream, event) for event in events(stream.path))


def _described(region: str, stream: Stream) -> Answer:
    described: Answer = {
        "logStreamName": stream.name,
        "arn": f"{_arn(region, stream.group)}:log-stream:{stream.name}",
    }
    first = next(events(stream.path), None)
    if first is not None:
        described["creationTime"] = first.timestamp
        described["firstEventTimestamp"] = first.timestamp
        described["lastEventTimestamp"] = int(stream.path.stat().st_mtime * 1000)
    return described


def _filtered(stream: Stream, event: Event) -> Answer:
    return {
        "logStreamName": stream.name,
        "timestamp": event.timestamp,
        "ingestionTime": event.timestamp,
        "message": event.message,
        "eventId": f"{stream.path.stat().st_ino}{event.end:020d}",
    }


def _within(event: Event, payload: Payload) -> bool:
    start, end = payload.get("startTime", 0), payload.get("endTime")
    return bool(event.timestamp >= start and (end is None or event.timestamp < end))


def _terms(pattern: str) -> Iterable[str]:
    text = pattern.strip()
    if not text:
        return ()
    if not _TERMS.fullmatch(text):
        message = (
            f"The local server filters by terms that must all be in a line; it does "
            f"not support the filter pattern '{pattern}'"
        )
        raise _invalid(message)
    return [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', text)]


def _position(token: object, default: int) -> int:
    if token is None:
        return default
    match = _TOKEN.fullmatch(str(token))
    if match is None:
        message = "The specified nextToken is invalid."
        raise _invalid(message)
    return int(match[1])


def _limit(payload: Payload, most: int) -> int:
    limit = payload.get("limit", most)
    if not isinstance(limit, int) or limit < 1:
        message = f"limit must be between 1 and {most}"
        raise _invalid(message)
    return min(limit, most)


def _arn(region: str, group: str) -> str:
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}"


def _missing(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
