"""The how-tos for overrides and variants, followed: each command typed, in its order."""

import re
import shlex

import pytest
from docs_pages import ROOT, Page

PAGES = [
    Page(ROOT / "docs" / "howto" / name)
    for name in ("override-a-value.md", "try-variants.md")
]
#: A command of a terminal, and what is shown behind it.
_SHOWN = re.compile(r"^\$ (invoke .*)\n((?:(?!\$ ).*\n?)*)", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("docs_variants")


@pytest.fixture(scope="module")
def seeded(home):
    """A checkout whose stack is up, with a filled warehouse."""
    for command in ("local.up", "warehouse.seed"):
        assert home.invoke(command).exit_code == 0
    return home


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_each_command_does_what_the_page_shows(seeded, page):
    followed = [shown for block in page.blocks("") for shown in _SHOWN.findall(block)]
    for command, output in followed:
        outcome = seeded.invoke(*shlex.split(command)[1:])
        error = next((x for x in output.splitlines() if x.startswith("error:")), "")
        assert bool(outcome.exit_code) == bool(error), f"{command}\n{outcome.errors}"
        assert error.partition("Known:")[0] in outcome.errors, command
    assert len(followed) >= 6
