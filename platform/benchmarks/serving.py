"""Containers that serve, endpoints of them, and the containers alone."""

import contextlib
import io
import itertools
import json
import sys
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from slipway.container.artifact import artifact_digest
from slipway.container.model_package import MODEL_VARIABLE
from slipway.sagemaker_local.executors.choice import Choice, chosen_executor
from slipway.sagemaker_local.executors.contract import Entry, Workload
from slipway.testing.local_stack import LocalServer
from slipway.testing.model_folder import ModelFolder
from slipway.testing.toy_images import command_image, docker_image
from slipway.testing.toy_model import write_toy_model
from slipway.testing.waiting import wait_until

IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/serving:bench"
CLIENTS = 8
SERVE = """
import os, signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    do_POST = do_GET
    def log_request(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
host = os.environ.get("SLIPWAY_BIND_ADDRESS", "0.0.0.0")
port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
ThreadingHTTPServer((host, port), Handler).serve_forever()
"""


@dataclass(frozen=True)
class Container:
    """An image, its model data, and what it is asked."""

    entrypoint: Sequence[str]
    environment: Mapping[str, str]
    #: The folder of its model data.
    model: Path
    body: bytes
    content_type: str


def at_once(top: Path) -> Container:
    """Return a container that answers two bytes at once."""
    script, model = top / "serve.py", top / "model"
    script.write_text(SERVE)
    model.mkdir()
    (model / "weights.json").write_text("{}")
    body = b"0.12,0.50,7.25,1.75,0.03,9.10,2.22,0.41\n" * 5
    return Container([sys.executable, str(script)], {}, model, body, "text/csv")


def of_a_model(top: Path) -> Container:
    """Return the container of a small model, as Slipway serves every model."""
    folder = ModelFolder(write_toy_model(top / "models"))
    model = folder.train(top / "run")
    environment = {
        "PYTHONPATH": str(folder.path.parent),
        MODEL_VARIABLE: folder.path.name,
        "SLIPWAY_ARTIFACT_DIGEST": artifact_digest(model),
    }
    request = {"amount": 900.5, "items": 3, "shop": "north", "is_north": True}
    body = json.dumps({"instances": [request]}).encode()
    entrypoint = [sys.executable, "-m", "slipway.container"]
    return Container(entrypoint, environment, model, body, "application/json")


class Serving:
    """A server of one executor with the image, and clients of it."""

    def __init__(self, kind: Choice, top: Path, container: Container) -> None:
        self._kind = kind
        self._top = top
        self.container = container
        self._names = itertools.count()
        self._images = top / "images"
        command_image(self._images, IMAGE, container.entrypoint, container.environment)
        if kind == "docker":
            docker_image(IMAGE, Path(container.entrypoint[-1]))
        self.server = LocalServer(top / "state", self._images, kind).start()
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=CLIENTS)
        settings: dict[str, Any] = {**self.server.client_settings, "config": config}
        self.sagemaker = boto3.client("sagemaker", **settings)
        self.runtime = boto3.client("sagemaker-runtime", **settings)
        s3 = boto3.client("s3", **settings)
        where = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket="bench", CreateBucketConfiguration=where)
        s3.put_object(Bucket="bench", Key="model.tar.gz", Body=archive(container.model))

    def config(self, name: str, instances: int) -> None:
        """Create a model, and an endpoint config of it."""
        container = {"Image": IMAGE, "ModelDataUrl": "s3://bench/model.tar.gz"}
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=container)
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "InitialInstanceCount": instances,
            "InstanceType": "ml.m5.large",
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant]
        )

    def endpoint(self, name: str, config: str) -> None:
        """Create an endpoint, and wait until it serves."""
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self.settle(name)

    def settle(self, name: str) -> None:
        """Wait until an endpoint serves."""

        def settled() -> bool:
            found = self.sagemaker.describe_endpoint(EndpointName=name)
            return bool(found["EndpointStatus"] == "InService")

        wait_until(settled, seconds=120, pause=0.01)

    @contextlib.contextmanager
    def alone(self) -> Iterator[str]:
        """Run the container without the server, by the executor itself."""
        folder = self._top / "own"
        folder.mkdir(exist_ok=True)
        executor = chosen_executor(self._kind, folder, self._images)
        handle = f"own-{next(self._names)}"
        workload = Workload(
            image=IMAGE,
            entrypoint=None,
            arguments=("serve",),
            environment={},
            log=folder / "log",
            instance_type="ml.m5.large",
            serves=True,
        )
        executor.create(handle, workload, entries(self.container.model))
        executor.start(handle)
        host, port = executor.address(handle) or ("", 0)
        url = f"http://{host}:{port}"
        wait_until(lambda: pings(f"{url}/ping"), seconds=60, pause=0.005)
        try:
            yield url
        finally:
            executor.remove(handle)


def pings(url: str) -> bool:
    """Say whether a container answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def archive(model: Path) -> bytes:
    """Return model data as an archive."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for path in files(model):
            tar.add(path, path.relative_to(model))
    return content.getvalue()


def entries(model: Path) -> list[Entry]:
    """Return model data as an executor lays it out."""
    place = "/opt/ml/model"
    return [
        Entry(place),
        *(
            Entry(
                f"{place}/{path.relative_to(model)}",
                [path.read_bytes()],
                path.stat().st_size,
            )
            for path in files(model)
        ),
    ]


def files(model: Path) -> list[Path]:
    """Return the files of model data."""
    return [path for path in sorted(model.rglob("*")) if path.is_file()]


def executors() -> list[Choice]:
    """Return the executors that are here."""
    import docker
    from docker.errors import DockerException

    try:
        docker.from_env().close()
    except DockerException:
        return ["process"]
    return ["process", "docker"]
