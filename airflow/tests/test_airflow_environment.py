"""The environment apart: what Airflow's side installs, and what it loads."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

AIRFLOW = Path(__file__).parents[1]
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^ ;]+)(?P<marker> ;.*)?", re.MULTILINE
)
#: What the scheduler's side must not load: AWS is the controller's, and so are tables.
FORBIDDEN = ("boto3", "botocore", "slipway")


def pins(name):
    text = (AIRFLOW / name).read_text()
    return {
        found["name"]: found["version"]
        for found in _PIN.finditer(text)
        if not found["marker"]
    }


def test_the_environment_is_what_the_locked_file_says():
    if pins("requirements.txt")["apache-airflow"] != installed("apache-airflow"):
        pytest.skip("this environment holds the oldest Airflow")
    wrong = {
        name: (version, installed(name))
        for name, version in pins("requirements.txt").items()
        if installed(name) != version
    }

    assert wrong == {}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-tests.txt"])
def test_each_locked_package_has_hashes(name):
    text = (AIRFLOW / name).read_text()

    assert len(_PIN.findall(text)) <= text.count("--hash=sha256:")


@pytest.mark.parametrize("package", FORBIDDEN)
def test_no_package_of_the_controller_is_installed(package):
    assert installed(package) is None


def test_the_whole_of_it_loads_neither_boto3_nor_the_controller_nor_its_tables():
    modules = sorted(
        f"slipway_airflow.{path.stem}"
        for path in (AIRFLOW / "plugins" / "slipway_airflow").glob("[a-z]*.py")
    )
    code = f"import sys; import {', '.join(modules)}; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=AIRFLOW / "plugins",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "slipway_airflow.operators" in loaded
    assert not [name for name in loaded if name.split(".")[0] in FORBIDDEN]


def test_no_module_names_what_it_must_not_import():
    for path in (AIRFLOW / "plugins").rglob("*.py"):
        text = path.read_text()
        assert not re.search(
            r"^\s*(from|import) (boto|sqlalchemy|slipway\b)", text, re.MULTILINE
        )


def installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
