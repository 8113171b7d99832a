"""Airflow's page in a browser, as somebody who looks after a model reads it."""

import os
import shutil
from pathlib import Path

import pytest
from standalone_checkout import EXAMPLE, said

ROOT = Path(__file__).parents[3]
DAG, DATE = f"{EXAMPLE}.training", "2026-01-31"
GROUPS = ("data", "model", "serving")
TASKS = ("open_run", "extract", "quality", "preprocess", "train", "evaluate")
TASKS += ("register", "deploy")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Milliseconds that the page may take to show something.
PATIENCE = 60_000
#: Where pictures of the page are kept.
ARTIFACTS = Path(os.environ.get("SLIPWAY_ARTIFACTS", ROOT / ".slipway" / "artifacts"))


def missing(reason):
    """Skip where there is no browser; fail where one is required."""
    if os.environ.get("SLIPWAY_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    """A browser without a window."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        missing(f"no browser is installed: one of {', '.join(BROWSERS)}")
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        missing("playwright is not installed: tox run -e airflow-standalone has it")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program)
        yield started
        started.close()


@pytest.fixture
def page(browser, standalone):
    """The DAG's page, opened by somebody who has signed in."""
    up = said(standalone.home.invoke("airflow.up", "--json"))
    size = {"width": 1440, "height": 900}
    opened = browser.new_page(base_url=up["url"], viewport=size)
    opened.set_default_timeout(PATIENCE)
    opened.goto(f"/dags/{DAG}")
    opened.get_by_label("Username").fill(up["user"])
    opened.get_by_label("Password").fill(up["password"])
    opened.get_by_role("button", name="Sign in").click()
    yield opened
    opened.close()


@pytest.fixture
def run_id(standalone):
    """A run of the DAG that ended well."""
    words = ("airflow.run", "--model", EXAMPLE, "--date", DATE, "--json")
    return said(standalone.home.invoke(*words))["run_id"]


def test_the_page_says_when_the_dag_runs_whose_it_is_and_what_it_does(page):
    from playwright.sync_api import expect

    card = page.get_by_test_id("header-card")
    for text in (DAG, "0 5 * * *", "diagnostics-team@example.com", "oncology"):
        expect(card).to_contain_text(text)
    page.get_by_test_id("markdown-button").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "Takes tumor_malignancy from its SQL script to a version that serves"
    )


def test_the_grid_shows_each_task_of_a_run_with_its_state(page, run_id):
    from playwright.sync_api import expect

    expect(page.get_by_test_id("header-card")).to_contain_text(DAG)
    page.goto(f"/dags/{DAG}/runs/{run_id}")
    page.get_by_test_id("expand-all-button").click()
    for name in (*TASKS, *GROUPS):
        expect(page.get_by_test_id(f"task-{name}")).to_contain_text(name)
    for name in TASKS:
        expect(page.get_by_test_id(f"grid-{run_id}-{name}")).to_be_visible()
        row = page.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("Success")
    expect(page.get_by_role("heading", name="8 Task Instances")).to_be_visible()
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=ARTIFACTS / "airflow-grid.png")

    assert picture.startswith(b"\x89PNG")
