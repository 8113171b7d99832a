"""docs/howto/first-model.md: what it tells to type exists."""

import re
import shlex
from pathlib import Path

from slipway.tasks import namespace

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "howto" / "first-model.md").read_text()


def commands() -> list[list[str]]:
    """Return the words of each command in the page's blocks."""
    blocks = re.findall(r"```\n(.*?)```", PAGE, flags=re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.strip()]


def test_each_invoke_command_of_the_page_takes_the_options_it_is_given() -> None:
    checked = 0
    for words in commands():
        if "invoke" not in words:
            continue
        name, *given = words[words.index("invoke") + 1 :]
        flags = {
            flag
            for argument in namespace[name].get_arguments()
            for flag in (f"--{each}" for each in argument.names)
        }
        assert {word for word in given if word.startswith("--")} <= flags, words
        checked += 1
    assert checked >= 9


def test_every_other_command_is_git_or_copier() -> None:
    others = {words[0] for words in commands() if "invoke" not in words}
    assert others == {"git", "copier"}


def test_the_links_of_the_page_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs" / "howto" / link).is_file(), link
