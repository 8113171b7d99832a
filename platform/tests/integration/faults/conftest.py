"""One server, one PostgreSQL and one gateway for each worker; a summary by fault."""

import io
import shutil
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from fault_operations import BUCKET, LONG, QUICK, SERVE
from fault_world import CellGateway, World, numbers

from slipway.controller.schema import migrate
from slipway.controller.store import Database
from slipway.settings import load_settings
from slipway.testing.local_stack import LocalServer
from slipway.testing.postgres import running_postgres
from slipway.testing.toy_images import process_image

ROOT = Path(__file__).parents[4]
SCRIPTS = {
    QUICK: "",
    LONG: "import time\nfor _ in range(6000):\n    time.sleep(0.1)\n",
    SERVE: Path(__file__).with_name("fault_container.py").read_text(),
}


@dataclass
class Rig:
    """What all cells of a worker share."""

    server: LocalServer
    gateway: CellGateway
    sagemaker: Any
    worker: str


@pytest.fixture(scope="session")
def rig(tmp_path_factory, worker_id):
    folder = tmp_path_factory.mktemp("server")
    for uri, text in SCRIPTS.items():
        script = folder / f"{uri[-1]}.py"
        script.write_text(text)
        process_image(folder / "images", uri, script)
    options = ("--fault-switches", "--stop-grace", "1")
    server = LocalServer(folder / "state", folder / "images", options=options).start()
    port = server.url.rpartition(":")[2]
    settings = load_settings(ROOT, "local", {"SLIPWAY_PORT": port})
    made = Rig(
        server,
        CellGateway(settings),
        boto3.client("sagemaker", **server.client_settings),
        worker_id,
    )
    fill(boto3.client("s3", **server.client_settings))
    yield made
    server.stop()


def fill(s3):
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz"):
        pass
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive.getvalue())
    s3.put_object(Bucket=BUCKET, Key="in/one", Body=b"1\n")


@pytest.fixture(scope="session")
def postgres():
    with running_postgres(durable=False) as server:
        migrated(server.create_database("migrated"))
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "controller.db"
    migrated(f"sqlite:///{path}")
    return path


def migrated(url):
    database = Database(url)
    migrate(database)
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, rig, tmp_path):
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_file"), tmp_path / "c.db")
        url = f"sqlite:///{tmp_path}/c.db"
    else:
        server = request.getfixturevalue("postgres")
        url = server.create_database(f"cell_{next(numbers)}", template="migrated")
    made = World(rig, url)
    yield made
    made.close()


cells: dict[str, Counter[bool]] = {}


def pytest_runtest_logreport(report):
    """Count cells, where the workers' reports arrive."""
    for name, code in report.user_properties:
        if name == "fault" and (report.when == "call" or report.failed):
            cells.setdefault(code, Counter())[report.passed] += 1


def pytest_unconfigure(config):
    """Print which cells hold, by fault, as the last lines of all."""
    if not cells or hasattr(config, "workerinput"):
        return
    lines = [
        f"{code:<4}{sum(held.values()) - held[False]:>4} of {sum(held.values())} hold"
        for code, held in sorted(cells.items())
    ]
    total = sum(cells.values(), Counter())
    lines.append(f"{total[True]} of {total.total()} cells hold")
    sys.stdout.write("\n".join(lines) + "\n")
