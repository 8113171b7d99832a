"""The page on canaries, followed: it holds for want of data, and a person decides."""

import shlex
from textwrap import indent

import pytest
from docs_pages import ROOT, Page

from slipway.testing.checkout import Checkout

PAGE = Page(ROOT / "docs" / "howto" / "canary-and-roll-back.md")
MODEL = "tumor_malignancy"
DEPLOY, PROMOTE, ROLL_BACK, BY_NUMBER = (
    shlex.split(line)[1:] for line in PAGE.typed if line.startswith("invoke ")
)
#: The page waits for a minute, which is what a period lasts on AWS.
SHORT = ("bake_seconds: 60", "bake_seconds: 10")

pytestmark = pytest.mark.xdist_group("docs")


@pytest.fixture(scope="module")
def demo(home: Checkout) -> Checkout:
    """Return the checkout as `make demo` leaves it."""
    done(home, "warehouse.seed")
    done(home, *DEPLOY)
    return home


def done(home: Checkout, *words: str) -> str:
    outcome = home.invoke(*words)
    assert outcome.exit_code == 0, outcome.errors
    return outcome.output


def served(home: Checkout) -> str:
    answer = home.invoke("predict", "--model", MODEL, "--json")
    assert answer.exit_code == 0, answer.errors
    return str(answer.data["model"]["version"])


def edited(home: Checkout) -> None:
    """Let the page's policy stand in model.yaml, and change a hyperparameter."""
    path = home.root / "models" / MODEL / "model.yaml"
    [policy] = PAGE.blocks("yaml")
    text = path.read_text()
    for old, new in (
        ("\nendpoint:\n", f"\nendpoint:\n{indent(policy.replace(*SHORT), '  ')}"),
        ("inverse_penalty: 0.5", "inverse_penalty: 0.25"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def test_the_pages_commands_do_what_it_says(demo: Checkout) -> None:
    before = served(demo)
    edited(demo)

    held = demo.invoke(*DEPLOY)
    assert held.exit_code == 1
    assert "no data yet: error_rate, latency_p95_ms" in held.errors
    assert f"invoke promote --model {MODEL}" in held.errors
    assert "is holding" in done(demo, "status", "--model", MODEL)
    assert served(demo) == before

    done(demo, *PROMOTE)
    new = served(demo)
    assert int(new) > int(before)

    done(demo, *ROLL_BACK)
    assert served(demo) == before

    number = BY_NUMBER.index("--version") + 1
    done(demo, *BY_NUMBER[:number], new, *BY_NUMBER[number + 1 :])
    assert served(demo) == new
