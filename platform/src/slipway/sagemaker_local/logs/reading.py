"""The events of one stream, page by page in both directions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from slipway.sagemaker_local.logs.faults import token_invalid
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.logs.lines import (
    Event,
    backward,
    begins_line,
    end_of,
    forward,
    position_at,
)
from slipway.sagemaker_local.logs.streams import stream_of

#: What one page holds at most: events, and bytes as CloudWatch Logs counts them.
MOST_EVENTS = 10_000
MOST_BYTES = 1024 * 1024
EVENT_BYTES = 26
_TOKEN = re.compile(r"([fb])/(\d{1,18})")


def get_log_events(
    logs: LogFolder, region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """GetLogEvents: a token is a place in the file; at the end it is the same again."""
    path = stream_of(logs, region, payload).path
    forth, place = _begin(path, payload)
    found = _after(path, place, payload) if forth else _before(path, place, payload)
    shown = list(fitting(found, payload.get("limit", MOST_EVENTS)))
    if not forth:
        shown.reverse()
    return {
        "events": [
            {
                "timestamp": each.timestamp,
                "message": each.message,
                "ingestionTime": each.timestamp,
            }
            for each in shown
        ],
        "nextForwardToken": f"f/{shown[-1].end if shown else place}",
        "nextBackwardToken": f"b/{shown[0].start if shown else place}",
    }


def fitting(events: Iterable[Event], limit: int) -> Iterator[Event]:
    """Yield as many events as a page holds, one at least."""
    size = 0
    for number, event in enumerate(events):
        size += bytes_of(event)
        if number == limit or (number and size > MOST_BYTES):
            return
        yield event


def bytes_of(event: Event) -> int:
    """Return the size of an event as CloudWatch Logs counts it."""
    return len(event.message.encode()) + EVENT_BYTES


def _begin(path: Path, payload: Mapping[str, Any]) -> tuple[bool, int]:
    """Return whether a page goes forward, and from which place in the file."""
    token = payload.get("nextToken")
    if token is None:
        forth = bool(payload.get("startFromHead"))
        if forth:
            return True, position_at(path, payload.get("startTime", 0))
        until = payload.get("endTime")
        return False, end_of(path) if until is None else position_at(path, until)
    match = _TOKEN.fullmatch(token)
    if match is None or not begins_line(path, int(match[2])):
        raise token_invalid()
    return match[1] == "f", int(match[2])


def _after(path: Path, place: int, payload: Mapping[str, Any]) -> Iterator[Event]:
    since, until = payload.get("startTime", 0), payload.get("endTime")
    begin = max(place, position_at(path, since)) if since else place
    return takewhile(
        lambda event: until is None or event.timestamp < until, forward(path, begin)
    )


def _before(path: Path, place: int, payload: Mapping[str, Any]) -> Iterator[Event]:
    since, until = payload.get("startTime", 0), payload.get("endTime")
    end = place if until is None else min(place, position_at(path, until))
    return takewhile(lambda event: event.timestamp >= since, backward(path, end))
