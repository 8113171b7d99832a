import errno
import io
import random

import pytest

from slipway.sagemaker_local.executors.shim import append
from slipway.sagemaker_local.logs import lines
from slipway.sagemaker_local.logs.lines import (
    backward,
    begins_line,
    end_of,
    forward,
    position_at,
)


@pytest.fixture(params=[1, 7, 64, 4096])
def log(request, tmp_path, monkeypatch):
    """A file of 400 lines of many lengths, read in blocks of many sizes."""
    monkeypatch.setattr(lines, "BLOCK", request.param)
    chance = random.Random(7)  # noqa: S311  # lengths, not secrets
    path, moment = tmp_path / "log", 1000
    with path.open("wb") as file:
        for number in range(400):
            moment += chance.choice((0, 0, 1, 20))
            body = b"\r" * (number % 3) + b"x" * chance.choice((0, 3, 50, 300))
            file.write(b"%d %d%b\n" % (moment, number, body))
        file.write(b"9999999 unfinished")
    return path


def test_both_directions_meet_the_same_lines(log):
    ahead = list(forward(log, block=lines.BLOCK))
    back = list(backward(log, end_of(log)))

    assert len(ahead) == 400
    assert back[::-1] == ahead
    assert [each.message.strip("\rx") for each in ahead] == [*map(str, range(400))]


def test_every_place_between_two_lines_is_one_to_go_on_from(log):
    found = list(forward(log))

    assert end_of(log) == found[-1].end
    for number in range(0, 400, 23):
        place = found[number].start
        assert begins_line(log, place)
        assert next(forward(log, place, lines.BLOCK)) == found[number]
        assert list(backward(log, place))[:1] == found[:number][-1:]
    assert not begins_line(log, found[3].start + 1)


def test_a_moment_is_found_where_its_first_line_begins(log):
    found = list(forward(log))
    for moment in (0, *{each.timestamp for each in found}, 5000, 10**9):
        expected = next(
            (each.start for each in found if each.timestamp >= moment), found[-1].end
        )
        assert position_at(log, moment) == expected


def test_a_line_that_is_not_complete_is_not_an_event_yet(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"1 first\n2 sec\xffond\n3 thi")

    found = list(forward(path))

    assert [(each.timestamp, each.message) for each in found] == [
        (1, "first"),
        (2, "sec�ond"),
    ]
    assert list(forward(path, found[0].end)) == found[1:]


class Crowded(io.FileIO):
    """A file on a disk that has room for so many bytes."""

    room = 10

    def write(self, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = super().write(data[: self.room])
        self.room -= taken
        return taken


def test_a_line_that_a_full_disk_takes_half_of_is_dropped(tmp_path):
    path = tmp_path / "log"
    with Crowded(path, "ab") as log:
        append(log, b"1 first\n")
        append(log, b"2 second\n")
        append(log, b"3 third\n")
        log.room = 100
        append(log, b"4 fourth\n")

    assert [each.message for each in forward(path)] == ["first", "fourth"]


def test_a_file_that_is_not_there_has_no_lines(tmp_path):
    path = tmp_path / "none"

    assert list(forward(path)) == list(backward(path, 10)) == []
    assert end_of(path) == position_at(path, 1) == 0
