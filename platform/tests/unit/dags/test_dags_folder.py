"""The folder of rendered DAGs: what is current, and what one broken model does."""

import os
import re
import shutil
from pathlib import Path

import pytest

from slipway.dags import render_models

ROOT = Path(__file__).parents[4]
GOLDEN = ROOT / "airflow" / "tests" / "golden"
EXAMPLE = "tumor_malignancy"


@pytest.fixture
def models(tmp_path):
    """Two models: the example, and a copy of it."""
    for name in (EXAMPLE, "churn_risk"):
        (tmp_path / "models" / name).mkdir(parents=True)
        source = ROOT / "models" / EXAMPLE / "model.yaml"
        copy = tmp_path / "models" / name / "model.yaml"
        text = source.read_text().replace(f"name: {EXAMPLE}", f"name: {name}")
        copy.write_text(re.sub(r"^dag:.*$", "", text, flags=re.MULTILINE))
    return tmp_path / "models"


@pytest.fixture
def folder(tmp_path, models):
    """A folder where everything is current."""
    folder = tmp_path / "dags"
    render_models(models, folder).write(folder)
    return folder


def spoil(models, name, old, new):
    path = models / name / "model.yaml"
    path.write_text(path.read_text().replace(old, new))


def test_the_dags_of_this_checkout_are_current():
    rendering = render_models(ROOT / "models", ROOT / "airflow" / "dags")

    assert (rendering.stale, rendering.orphaned, rendering.broken) == ((), (), {})


def test_the_dags_that_airflows_tests_load_are_current():
    if "SLIPWAY_WRITE_GOLDEN" in os.environ:
        render_models(GOLDEN / "models", GOLDEN / "dags").write(GOLDEN / "dags")
    rendering = render_models(GOLDEN / "models", GOLDEN / "dags")

    assert (rendering.stale, rendering.orphaned, rendering.broken) == ((), (), {}), (
        "Look at what changed, then write: SLIPWAY_WRITE_GOLDEN=1 pytest"
        " platform/tests/unit/dags"
    )


def test_an_equal_spec_is_not_written_again(models, folder):
    rendering = render_models(models, folder)

    assert len(rendering.files) == 4
    assert rendering.stale == ()


def test_a_changed_spec_makes_its_own_files_stale(models, folder):
    spoil(models, "churn_risk", "owner: diagnostics-team", "owner: risk-team")
    rendering = render_models(models, folder)

    assert set(rendering.stale) == {
        "churn_risk_training.py",
        "churn_risk_monitoring.py",
    }


def test_a_file_that_was_edited_by_hand_is_stale(models, folder):
    (folder / "churn_risk_training.py").write_text("# mine\n")

    assert render_models(models, folder).stale == ("churn_risk_training.py",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("mode: endpoint", "mode: endpint", "'mode' is 'endpint'"),
        ("mode: endpoint", "mode: [", "this is not YAML"),
        ("mode: endpoint", "dag: { retrys: 3 }", "Did you mean 'retries'?"),
        ("mode: endpoint", "dag: { deadline: 6 hours }", "30m, 6h or 2d"),
        ("mode: endpoint", "dag: { max_active_runs: 0 }", "dag.max_active_runs"),
        ("mode: endpoint", "dag: { pool: a b }", "'dag.pool' is 'a b'"),
    ],
)
def test_a_broken_spec_breaks_its_own_files_alone_and_names_its_line(
    models, folder, old, new, says
):
    before = (folder / "churn_risk_training.py").read_text()
    spoil(models, "churn_risk", old, new)
    spoil(models, EXAMPLE, "owner: diagnostics-team", "owner: other-team")
    rendering = render_models(models, folder)
    rendering.write(folder)

    assert list(rendering.broken) == ["churn_risk"]
    assert says in rendering.broken["churn_risk"]
    assert re.search(r"churn_risk/model\.yaml:\d+: ", rendering.broken["churn_risk"])
    assert (folder / "churn_risk_training.py").read_text() == before
    assert "other-team" in (folder / f"{EXAMPLE}_training.py").read_text()


def test_the_files_of_a_model_that_is_gone_are_removed(models, folder):
    shutil.rmtree(models / "churn_risk")
    rendering = render_models(models, folder)
    rendering.write(folder)

    assert len(rendering.orphaned) == 2
    assert len(list(folder.iterdir())) == 2
