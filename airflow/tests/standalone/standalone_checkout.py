"""A checkout for Airflow: the example every day, and copies that a test can catch."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slipway.testing.checkout import Checkout, Outcome, checkout

EXAMPLE = "tumor_malignancy"
#: A copy whose training waits while a file is there that is called as its
#: hyperparameter `hold`; it is scored in batches, so its runs end with `register`.
HELD = "held_training"
#: A copy that has a DAG and no folder any more.
GONE = "gone_model"
#: A copy that nobody rendered.
UNRENDERED = "unrendered_model"

_ROOT = Path(__file__).parents[3]
_WAITING = """\
import pathlib, time
        while pathlib.Path({folder!r}, hyperparameters["hold"]).exists():
            time.sleep(0.05)
        self.pipeline = make_pipeline("""
#: What is changed of each, as (file, what is there, what is put there).
_DAILY = [
    ("model.yaml", 'schedule: "0 5 1 * *"', 'schedule: "0 5 * * *"'),
    ("model.yaml", "{ type: date, freshness: 400d }", "{ type: date }"),
    ("model.yaml", "deadline: 6h }", "deadline: 6h, start_date: 2020-01-01 }"),
    ("model.yaml", "{ min: 0.95 }", "{ min: 0.6 }"),
    ("model.yaml", "{ min: 0.88 }", "{ min: 0.6 }"),
]
_HELD = [
    ("model.yaml", 'schedule: "0 5 1 * *"', "schedule: null"),
    ("model.yaml", "mode: endpoint", "mode: batch"),
    ("model.yaml", "deadline: 6h }", "retries: 2, max_active_runs: 16 }"),
    ("model.yaml", "max_iterations: 1000 }", "max_iterations: 1000, hold: nothing }"),
    ("model.py", "self.pipeline = make_pipeline(", _WAITING),
]
#: A task is tried again at once: half a minute would be waited for each time.
_SOON = [
    (f"{model}_training.py", "timedelta(seconds=30)", "timedelta(seconds=1)")
    for model in (EXAMPLE, HELD)
]


@contextmanager
def airflow_checkout(root: Path) -> Iterator[Checkout]:
    """Yield a checkout with a filled warehouse, its models rendered as DAGs."""
    with checkout(root, _ROOT, "process") as home:
        holds(home).mkdir()
        models = home.root / "models"
        for name in (HELD, GONE):
            _copy(models, name)
        _edit(models / EXAMPLE, _DAILY)
        folder = str(holds(home))
        waiting = [(*rest, new.format(folder=folder)) for *rest, new in _HELD[-1:]]
        _edit(models / HELD, [*_HELD[:-1], *waiting])
        said(home.invoke("dag.render", "--json"))
        _edit(home.root / "airflow" / "dags", _SOON)
        shutil.rmtree(models / GONE)
        _copy(models, UNRENDERED)
        said(home.invoke("warehouse.seed", "--json"))
        yield home


@contextmanager
def changed_spec(home: Checkout, model: str) -> Iterator[None]:
    """Let a model's spec be another than its DAGs were rendered from."""
    spec = home.root / "models" / model / "model.yaml"
    text = spec.read_text()
    spec.write_text(text.replace("max_iterations: 1000", "max_iterations: 900"))
    try:
        yield
    finally:
        spec.write_text(text)


def holds(home: Checkout) -> Path:
    """Return the folder of the files that trainings wait for."""
    return home.root / "holds"


def said(outcome: Outcome) -> Any:
    """Return what a command said, which must have gone well."""
    assert outcome.exit_code == 0, outcome.errors + outcome.output
    return outcome.data


def run_in(
    environment: Path, program: Path, arguments: list[str], variables: Mapping[str, str]
) -> None:
    """Run a program in Airflow's own environment, which must go well."""
    kept = {name: value for name, value in os.environ.items() if "AIRFLOW" not in name}
    path = f"{environment / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
    ended = subprocess.run(
        [environment / "bin" / "python", program, *arguments],
        env={**kept, **variables, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-6000:]


def _copy(models: Path, name: str) -> None:
    shutil.copytree(models / EXAMPLE, models / name)
    for path in (models / name).rglob("*"):
        if path.is_file() and path.suffix in {".py", ".yaml", ".toml"}:
            path.write_text(re.sub(EXAMPLE, name, path.read_text()))


def _edit(folder: Path, edits: list[tuple[str, str, str]]) -> None:
    """Replace text that must be there."""
    for file, old, new in edits:
        path = folder / file
        text = path.read_text()
        assert old in text, f"{path}: {old}"
        path.write_text(text.replace(old, new, 1))
