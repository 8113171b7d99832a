"""The events of many streams together, in the order of their times."""

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.sagemaker_local.logs.faults import invalid, token_invalid
from slipway.sagemaker_local.logs.folder import LogFolder, Stream
from slipway.sagemaker_local.logs.groups import group_of
from slipway.sagemaker_local.logs.lines import BLOCK, Event, forward, position_at
from slipway.sagemaker_local.logs.patterns import pattern_of
from slipway.sagemaker_local.logs.reading import MOST_BYTES, MOST_EVENTS, bytes_of
from slipway.sagemaker_local.logs.streams import streams_of

#: Events that one page looks at; as on AWS, a page may be empty and go on.
MOST_SEARCHED = 100_000
#: Of all streams together, what is in memory at once, in bytes.
_MEMORY = 16 * 1024 * 1024
_SMALLEST_BLOCK = 4096
_TOKEN = re.compile(r"(\d{1,18})/(\d{1,18})/(.+)")
#: The order of events: by time, then by place, then by stream.
Key = tuple[int, int, str]


@dataclass(frozen=True)
class _Found:
    """An event, and the stream that it is of."""

    stream: Stream
    event: Event

    @property
    def key(self) -> Key:
        return self.event.timestamp, self.event.start, self.stream.name


def filter_log_events(
    logs: LogFolder, region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """FilterLogEvents, by terms; a token is the last event that was looked at."""
    streams = _streams(logs, region, payload)
    pattern = pattern_of(payload.get("filterPattern", ""))
    limit, until = payload.get("limit", MOST_EVENTS), payload.get("endTime")
    shown: list[_Found] = []
    last, size = _last(payload), 0
    answer: dict[str, Any] = {"searchedLogStreams": []}
    for number, found in enumerate(_merged(streams, last, payload.get("startTime", 0))):
        if until is not None and found.event.timestamp >= until:
            break
        is_wanted = pattern.matches(found.event.message)
        size += bytes_of(found.event) if is_wanted else 0
        is_full = len(shown) == limit or (shown and size > MOST_BYTES)
        if is_full or number == MOST_SEARCHED:
            answer["nextToken"] = "{}/{}/{}".format(*last)
            break
        if is_wanted:
            shown.append(found)
        last = found.key
    return {"events": [_described(each) for each in shown], **answer}


def _streams(logs: LogFolder, region: str, payload: Mapping[str, Any]) -> list[Stream]:
    names, prefix = payload.get("logStreamNames"), payload.get("logStreamNamePrefix")
    if names and prefix:
        message = "logStreamNames and logStreamNamePrefix cannot be given together"
        raise invalid(message)
    found = streams_of(logs, region, group_of(region, payload), prefix or "")
    return [each for each in found if names is None or each.name in names]


def _merged(streams: list[Stream], last: Key, since: int) -> Iterator[_Found]:
    """Yield what comes after a key and not before a moment."""
    block = max(_SMALLEST_BLOCK, min(BLOCK, _MEMORY // max(1, len(streams))))
    moment = max(last[0], since)

    def of_stream(stream: Stream) -> Iterator[_Found]:
        begin = position_at(stream.path, moment) if moment else 0
        for event in forward(stream.path, begin, block):
            if (found := _Found(stream, event)).key > last:
                yield found

    return heapq.merge(*map(of_stream, streams), key=lambda each: each.key)


def _last(payload: Mapping[str, Any]) -> Key:
    token = payload.get("nextToken")
    if token is None:
        return -1, 0, ""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise token_invalid()
    return int(match[1]), int(match[2]), match[3]


def _described(found: _Found) -> dict[str, Any]:
    return {
        "logStreamName": found.stream.name,
        "timestamp": found.event.timestamp,
        "ingestionTime": found.event.timestamp,
        "message": found.event.message,
        "eventId": f"{found.stream.path.stat().st_ino}{found.event.start:020d}",
    }
