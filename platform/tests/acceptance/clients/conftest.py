"""A local server for one client, which has nothing of Slipway's in its environment."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONTAINER = HERE.parent / "conformance" / "image" / "container.py"
REGION = "eu-west-1"
ACCOUNT = "000000000000"
#: Which client's environment this is: the folder of its tests; where it is none, no
#: client is tested.
CLIENT = os.environ.get("SLIPWAY_CLIENT", "")
#: The interpreter of the environment that has the server.
SERVER_PYTHON = os.environ.get("SLIPWAY_SERVER_PYTHON", sys.executable)

_NO_TELEMETRY = """\
SchemaVersion: "1.0"
SageMaker: { PythonSDK: { Modules: { TelemetryOptOut: true } } }
"""

collect_ignore = [
    each.name for each in HERE.iterdir() if each.is_dir() and each.name != CLIENT
]


@dataclass(frozen=True)
class Server:
    """What a client is told of its server."""

    url: str
    #: The image that it may run.
    image: str = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/clients/toy:1"
    role: str = f"arn:aws:iam::{ACCOUNT}:role/clients"
    instance_type: str = "ml.m5.large"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of processes on a port of its own choice."""
    root = tmp_path_factory.mktemp("server")
    image(root / "images" / "clients" / "toy" / "1")
    command = [
        *(SERVER_PYTHON, "-m", "slipway.sagemaker_local", "--port", "0"),
        *("--state", root / "state", "--images", root / "images"),
        *("--executor", "process", "--stop-grace", "1"),
    ]
    with (
        (root / "server.log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        line = process.stdout.readline().decode() if process.stdout else ""
        if not line.startswith("http://"):
            pytest.fail((root / "server.log").read_text())
        yield Server(line.split()[0])
        process.terminate()


def image(folder: Path) -> None:
    """Make the toy an image that runs as processes."""
    folder.mkdir(parents=True)
    content = {
        "uri": Server.image,
        "digest": "sha256:toy",
        "entrypoint": [SERVER_PYTHON, str(CONTAINER)],
        "env": {},
        "working_dir": str(folder),
    }
    (folder / "image.json").write_text(json.dumps(content))


@pytest.fixture(scope="session", autouse=True)
def environment(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Point everything that speaks AWS at the server, as a user would."""
    home = tmp_path_factory.mktemp("home")
    (home / "sagemaker.yaml").write_text(_NO_TELEMETRY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "clients",
            "AWS_SECRET_ACCESS_KEY": "clients",
            "AWS_CONFIG_FILE": str(home / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
            "HOME": str(home),
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(home / "sagemaker.yaml"),
            "SAGEMAKER_VALIDATE_ROLE": "false",
        }.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def bucket(environment: None) -> str:
    """A bucket of this session."""
    import boto3  # the command line's environment has none

    name = f"clients-{uuid.uuid4().hex[:12]}"
    where = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return name
