"""The page on schedules, followed: its commands typed, in their order."""

import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "platform" / "tests" / "acceptance" / "docs")]
#: What other tests do: each Airflow's end, and a word on a version that waits for one.
ELSEWHERE = {"airflow.down", "approve", "reject"}


def commands():
    from docs_pages import Page

    page = Page(ROOT / "docs" / "howto" / "schedule-with-airflow.md")
    lines = (shlex.split(line) for line in page.typed if line.startswith("invoke "))
    return [words[1:] for words in lines if words[1] not in ELSEWHERE]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_command_of_the_page_does_what_it_says(airflow, words):
    outcome = airflow.invoke(*words)

    assert outcome.exit_code == 0, outcome.errors
