"""Where the suite runs: the local server, or AWS where the environment says so."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from slipway.images.base_image import choose_base
from slipway.sagemaker_local.executors.choice import Choice
from slipway.sagemaker_local.identity import ACCOUNT, DEFAULT_REGION
from slipway.testing.local_stack import LocalServer

IMAGE_FOLDER = Path(__file__).parent / "image"
_PREFIX = "SLIPWAY_CONFORMANCE_"
_REPOSITORY = "conformance/toy"
_LOCAL_IMAGE = f"{ACCOUNT}.dkr.ecr.{DEFAULT_REGION}.amazonaws.com/{_REPOSITORY}:1"
#: Seconds between SIGTERM and SIGKILL: SageMaker's 120 are too long here.
_GRACE = "2"
#: Seconds of a datapoint that scaling policies are held against: AWS's 60 are, too.
_SCALING_PERIOD = "1"


@dataclass(frozen=True)
class Target:
    """An endpoint, and what may be used there."""

    region: str
    account: str
    image: str
    role: str
    #: A bucket that is there; empty where the suite makes one.
    bucket: str
    #: What boto3 is given beside a service's name.
    settings: Mapping[str, str]
    #: The longest wait for a job or an endpoint, in seconds.
    patience: float
    #: Seconds between two looks.
    pause: float
    #: An instance type of which the account has none; empty where it is not known.
    scarce: str = ""
    #: The local server; None on AWS.
    server: LocalServer | None = None


def aws_is_meant() -> bool:
    """Return whether the environment names a role on AWS."""
    return f"{_PREFIX}ROLE" in os.environ


def aws_target() -> Target:
    """Return the target that the environment describes."""
    region = os.environ[f"{_PREFIX}REGION"]
    return Target(
        region=region,
        account=boto3.client("sts", region).get_caller_identity()["Account"],
        image=os.environ[f"{_PREFIX}IMAGE"],
        role=os.environ[f"{_PREFIX}ROLE"],
        bucket=os.environ[f"{_PREFIX}BUCKET"],
        settings={"region_name": region},
        patience=3600.0,
        pause=5.0,
        scarce=os.environ.get(f"{_PREFIX}SCARCE", ""),
    )


@contextlib.contextmanager
def local_target(root: Path, executor: Choice) -> Iterator[Target]:
    """Lend a local server that has the image."""
    images = root / "images"
    if executor == "docker":
        _build_image()
    else:
        _write_image(images / _REPOSITORY / "1")
    options = (
        *("--stop-grace", _GRACE, "--scaling-period", _SCALING_PERIOD),
        "--fault-switches",
    )
    server = LocalServer(root / "state", images, executor, options=options).start()
    try:
        yield Target(
            region=DEFAULT_REGION,
            account=ACCOUNT,
            image=_LOCAL_IMAGE,
            role=f"arn:aws:iam::{ACCOUNT}:role/conformance",
            bucket="",
            settings=server.client_settings,
            patience=180.0,
            pause=0.02,
            server=server,
        )
    finally:
        server.stop()


def _write_image(folder: Path) -> None:
    folder.mkdir(parents=True)
    content = {
        "uri": _LOCAL_IMAGE,
        "digest": "sha256:toy",
        "entrypoint": [sys.executable, str(IMAGE_FOLDER / "container.py")],
        "env": {},
        "working_dir": str(folder),
    }
    (folder / "image.json").write_text(json.dumps(content))


def _build_image() -> None:
    import docker

    with contextlib.closing(docker.from_env()) as client:
        client.images.build(
            path=str(IMAGE_FOLDER),
            buildargs={"BASE": choose_base(client)},
            tag=_LOCAL_IMAGE,
            network_mode="none",
            # Else a container of each step stays behind.
            rm=True,
            forcerm=True,
        )
