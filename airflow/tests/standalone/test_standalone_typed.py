"""The page on schedules, followed: its commands typed, in their order."""

import shlex
import sys
from pathlib import Path

import pytest
from standalone_checkout import said

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "platform" / "tests" / "acceptance" / "docs")]
#: What others do: the checkout renders, Airflow is ended after the last test, and only
#: another model's version waits for a word.
ELSEWHERE = {"dag.render", "airflow.down", "approve", "reject"}


def commands():
    from docs_pages import Page

    page = Page(ROOT / "docs" / "howto" / "schedule-with-airflow.md")
    lines = (shlex.split(line) for line in page.typed if line.startswith("invoke "))
    return [words[1:] for words in lines if words[1] not in ELSEWHERE]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_command_of_the_page_does_what_it_says(standalone, words):
    said(standalone.home.invoke(*words, "--json"))
