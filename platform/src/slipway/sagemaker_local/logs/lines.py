"""The lines of a log file, read from any place in either direction, a block at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What is read of a file at once, in bytes.
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Event:
    """One line of output."""

    #: Milliseconds since the epoch.
    timestamp: int
    message: str
    #: Where the line begins in the file, and where the next one does.
    start: int
    end: int


def forward(path: Path, start: int = 0, block: int = BLOCK) -> Iterator[Event]:
    """Yield the complete lines from a position on; the file is open only for reads."""
    while data := _read(path, start, block):
        complete = data.rfind(b"\n") + 1
        if not complete:
            if len(data) < block:
                return
            block *= 2
            continue
        for line in data[: complete - 1].split(b"\n"):
            yield _event(line, start)
            start += len(line) + 1


def backward(path: Path, end: int) -> Iterator[Event]:
    """Yield the lines that end at a position or before it, the last one first."""
    block = BLOCK
    while end:
        begin = max(0, end - block)
        data = _read(path, begin, end - begin)
        if len(data) < end - begin:
            return
        # The first line of a block may have begun before it.
        skipped = data.find(b"\n") + 1 if begin else 0
        if begin and skipped in (0, len(data)):
            block *= 2
            continue
        for line in reversed(data[skipped:-1].split(b"\n")):
            end -= len(line) + 1
            yield _event(line, end)


def end_of(path: Path) -> int:
    """Return where the last complete line ends."""
    end = path.stat().st_size if path.exists() else 0
    while end:
        begin = max(0, end - BLOCK)
        last = _read(path, begin, end - begin).rfind(b"\n")
        if last >= 0:
            return begin + last + 1
        end = begin
    return 0


def begins_line(path: Path, position: int) -> bool:
    """Say whether a position is the beginning of a line, or the end of the last one."""
    return position == 0 or _read(path, position - 1, 1) == b"\n"


def position_at(path: Path, moment: int) -> int:
    """Return where the first line begins that is not before a moment.

    Lines are in the order of their times, as whoever writes them sees to.
    """
    low, high = 0, end_of(path)
    while high - low > BLOCK:
        middle = (low + high) // 2
        skipped = _read(path, middle, BLOCK).find(b"\n") + 1
        event = next(forward(path, middle + skipped), None) if skipped else None
        if event is None or event.timestamp >= moment or event.start >= high:
            high = middle
        else:
            low = event.end
    for event in forward(path, low):
        if event.timestamp >= moment:
            return event.start
        low = event.end
    return low


def _read(path: Path, start: int, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(size)
    except FileNotFoundError:
        return b""


def _event(line: bytes, start: int) -> Event:
    """Return the event of a line that has lost its end."""
    moment, _, message = line.partition(b" ")
    text = message.decode("utf-8", errors="replace")
    return Event(int(moment), text, start, start + len(line) + 1)
