import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.testing.container_process import run_command, start_command
from slipway.testing.model_folder import ModelFolder
from slipway.testing.toy_model import FILES, write_toy_model
from slipway.testing.waiting import wait_until


def failure(root: Path) -> str:
    return (root / "output/failure").read_text()


def test_help_names_each_command() -> None:
    command = [sys.executable, "-m", "slipway.container", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert all(
        f"\n    {name}" in done.stdout
        for name in ("extract", "preprocess", "train", "serve")
    )


def test_an_unknown_model_is_a_mistake(tmp_path: Path) -> None:
    code, output = run_command("train", tmp_path / "nothing", tmp_path / "run")

    assert code == 2
    assert "names the model 'nothing', and no folder nothing/" in failure(
        tmp_path / "run"
    )
    assert "Traceback" not in output


def test_a_bad_script_is_a_mistake_told_in_one_line(tmp_path: Path) -> None:
    model = write_toy_model(
        tmp_path / "models", changes={"extract.sql": "DROP TABLE t"}
    )
    parameters = tmp_path / "run/processing/input/parameters/parameters.json"
    parameters.parent.mkdir(parents=True)
    asked = {"parameters": {}, "run_date": "2026-01-31", "warehouse": {"kind": "lake"}}
    parameters.write_text(json.dumps(asked))

    code, output = run_command("extract", model, tmp_path / "run")

    reason = "extract.sql:1:1: a script must be one SELECT; this begins with 'DROP'"
    assert code == 2
    assert failure(tmp_path / "run") == reason
    assert (tmp_path / "run/output/message").read_text() == reason
    assert "Traceback" not in output


def test_every_step_runs_as_a_process(tmp_path: Path) -> None:
    folder = ModelFolder(write_toy_model(tmp_path / "models"))
    root = tmp_path / "run"
    folder.preprocess(root)
    (root / "input/data").mkdir(parents=True)
    for channel in ("train", "validation", "test", "profile"):
        features = root / "processing/output/features" / channel
        features.rename(root / "input/data" / channel)

    code, output = run_command("train", folder.path, root)

    assert code == 0, output
    assert "roc_auc=0." in output
    assert (root / "model/manifest.json").is_file()


def test_a_train_that_raises_fails_with_its_line_and_a_traceback(
    tmp_path: Path,
) -> None:
    source = FILES["model.py"].replace(
        "        estimator = Log",
        "        raise KeyError('age')\n        estimator = Log",
    )
    folder = ModelFolder(
        write_toy_model(tmp_path / "models", changes={"model.py": source})
    )
    root = tmp_path / "run"
    folder.preprocess(root).rename(_parent(root / "input/data"))

    code, output = run_command("train", folder.path, root)

    line = source.splitlines().index("        raise KeyError('age')") + 1
    assert code == 1
    assert failure(root) == f"KeyError: 'age' (models/toy/model.py:{line})"
    assert "Traceback" in output
    assert not (root / "model").exists()


@pytest.mark.parametrize("place", ["train", "save"])
def test_sigterm_ends_training_and_leaves_nothing_half_written(
    tmp_path: Path, place: str
) -> None:
    wait = "        import time, pathlib\n        pathlib.Path('{}').touch()\n        time.sleep(600)\n"
    started = tmp_path / "started"
    before = {"train": "        estimator = Log", "save": "        save_estimator("}[
        place
    ]
    source = FILES["model.py"].replace(before, wait.format(started) + before)
    folder = ModelFolder(
        write_toy_model(tmp_path / "models", changes={"model.py": source})
    )
    root = tmp_path / "run"
    folder.preprocess(root).rename(_parent(root / "input/data"))
    process = start_command("train", folder.path, root)
    wait_until(started.exists, seconds=60)

    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGTERM
    assert "Stopped by SIGTERM" in failure(root)
    assert "Traceback" not in output
    assert not (root / "model").exists()


def test_no_command_needs_more_than_its_own_packages() -> None:
    heavy = {
        "extract": {"flask", "gunicorn", "pandas", "sklearn", "boto3"},
        "preprocess": {"flask", "gunicorn", "sklearn", "duckdb", "boto3", "sqlglot"},
        "train": {"flask", "gunicorn", "duckdb", "boto3", "sqlglot"},
        "serve": {"duckdb", "boto3", "sqlglot"},
    }
    program = (
        "import json, sys; from slipway.container.__main__ import load;"
        "load(sys.argv[1]); print(json.dumps(list(sys.modules)))"
    )
    for command, unwanted in heavy.items():
        done = subprocess.run(
            [sys.executable, "-c", program, command],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.environ["PATH"]},
        )
        assert not unwanted & set(json.loads(done.stdout)), command


def test_an_extract_never_imports_pandas(tmp_path: Path) -> None:
    model = write_toy_model(tmp_path / "models")
    ModelFolder(model).extract(tmp_path / "run")
    program = (
        "import os, sys; from slipway.container.__main__ import main;"
        "code = main(['extract'], os.environ); sys.exit(code or 'pandas' in sys.modules)"
    )
    environ = {
        "PYTHONPATH": str(model.parent),
        "SLIPWAY_MODEL": "toy",
        "SAGEMAKER_BASE_DIR": str(tmp_path / "run"),
    }

    done = subprocess.run([sys.executable, "-c", program], env=environ, check=False)

    assert done.returncode == 0


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
