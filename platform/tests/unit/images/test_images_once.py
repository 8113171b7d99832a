"""A folder that is made once."""

from pathlib import Path

import pytest

from slipway.images.once import make_once


def fill(folder: Path) -> None:
    (folder / "a").write_text("whole")


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    assert make_once(tmp_path / "made", fill) is True
    assert make_once(tmp_path / "made", pytest.fail) is False
    assert (tmp_path / "made" / "a").read_text() == "whole"


def test_a_failed_fill_leaves_no_folder_and_the_next_one_starts_over(
    tmp_path: Path,
) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        message = "disk full"
        raise OSError(message)

    with pytest.raises(OSError, match="disk full"):
        make_once(tmp_path / "made", fail)
    assert not (tmp_path / "made").exists()
    assert make_once(tmp_path / "made", fill) is True
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["a"]


def test_what_a_killed_process_left_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    (tmp_path / ".made.partial").mkdir()
    (tmp_path / ".made.partial" / "half").write_text("half")
    make_once(tmp_path / "made", fill)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["a"]
