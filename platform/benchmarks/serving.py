"""A container that answers at once, endpoints of it, and the container alone."""

import contextlib
import io
import itertools
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from slipway.sagemaker_local.executors.choice import Choice, chosen_executor
from slipway.sagemaker_local.executors.contract import Entry, Workload
from slipway.testing.local_stack import LocalServer
from slipway.testing.toy_images import docker_image, process_image
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


class Serving:
    """A server of one executor with the image, and clients of it."""

    def __init__(self, kind: Choice, top: Path) -> None:
        self._kind = kind
        self._top = top
        self._names = itertools.count()
        self._images = top / "images"
        self._images.mkdir()
        script = top / "serve.py"
        script.write_text(SERVE)
        process_image(self._images, IMAGE, script)
        if kind == "docker":
            docker_image(IMAGE, script)
        self.server = LocalServer(top / "state", self._images, kind).start()
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=CLIENTS)
        settings: dict[str, Any] = {**self.server.client_settings, "config": config}
        self.sagemaker = boto3.client("sagemaker", **settings)
        self.runtime = boto3.client("sagemaker-runtime", **settings)
        s3 = boto3.client("s3", **settings)
        where = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket="bench", CreateBucketConfiguration=where)
        s3.put_object(Bucket="bench", Key="model.tar.gz", Body=archive())

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
        weights = Entry("/opt/ml/model/weights.json", [b"{}"], 2)
        executor.create(handle, workload, [Entry("/opt/ml/model"), weights])
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


def archive() -> bytes:
    """Return model data of one small file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        info = tarfile.TarInfo("weights.json")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"{}"))
    return content.getvalue()


def executors() -> list[Choice]:
    """Return the executors that are here."""
    import docker
    from docker.errors import DockerException

    try:
        docker.from_env().close()
    except DockerException:
        return ["process"]
    return ["process", "docker"]
