"""How long an update takes beyond a container's own start, and what it fails.

    python platform/benchmarks/endpoint_updates.py

On each executor that is here: the start of the container alone, by the executor itself
until its first ping, in turns with a blue/green update to the same container through
the server. Then each strategy, under eight clients that never pause.
"""

import contextlib
import io
import statistics
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slipway.sagemaker_local.executors.choice import Choice, chosen_executor
from slipway.sagemaker_local.executors.contract import Entry, Workload
from slipway.testing.local_stack import LocalServer
from slipway.testing.toy_images import docker_image, process_image
from slipway.testing.waiting import wait_until

IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/update:bench"
TURNS, CLIENTS = 9, 8
#: What was promised, in seconds.
MOST_BEYOND = 1.0
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
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def blue_green(kind: str, **size: Any) -> dict[str, Any]:
    """Return a DeploymentConfig that bakes for a second at each stage."""
    routing = {"Type": kind, "WaitIntervalInSeconds": 1, **size}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": 1,
        }
    }


STRATEGIES = {
    "all at once": blue_green("ALL_AT_ONCE"),
    "canary": blue_green("CANARY", CanarySize=HALF),
    "linear": blue_green("LINEAR", LinearStepSize=HALF),
    "rolling": {
        "RollingUpdatePolicy": {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 1}
    },
}


class Bench:
    """A server, its clients, and two equal endpoint configs."""

    def __init__(self, server: LocalServer) -> None:
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=CLIENTS)
        settings: dict[str, Any] = {**server.client_settings, "config": config}
        self.sagemaker = boto3.client("sagemaker", **settings)
        self.runtime = boto3.client("sagemaker-runtime", **settings)
        s3 = boto3.client("s3", **settings)
        where = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket="bench", CreateBucketConfiguration=where)
        s3.put_object(Bucket="bench", Key="model.tar.gz", Body=archive())

    def endpoint(self, name: str, instances: int) -> Callable[..., float]:
        """Create an endpoint, and return what updates it and says how long it took."""
        for config in (f"{name}-a", f"{name}-b"):
            url = "s3://bench/model.tar.gz"
            container = {"Image": IMAGE, "ModelDataUrl": url}
            self.sagemaker.create_model(ModelName=config, PrimaryContainer=container)
            variant = {
                "VariantName": "primary",
                "ModelName": config,
                "InitialInstanceCount": instances,
                "InstanceType": "ml.m5.large",
            }
            self.sagemaker.create_endpoint_config(
                EndpointConfigName=config, ProductionVariants=[variant]
            )
        self.sagemaker.create_endpoint(
            EndpointName=name, EndpointConfigName=f"{name}-a"
        )
        self._settle(name)
        turn = [f"{name}-b", f"{name}-a"]

        def update(**how: Any) -> float:
            began = time.perf_counter()
            self.sagemaker.update_endpoint(
                EndpointName=name, EndpointConfigName=turn[0], **how
            )
            self._settle(name)
            turn.reverse()
            return time.perf_counter() - began

        return update

    @contextlib.contextmanager
    def asked(self, endpoint: str) -> Iterator[list[bool]]:
        """Ask an endpoint with every client, and lend whether each was answered."""
        answered: list[bool] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                try:
                    self.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{}")
                    answered.append(True)
                except (ClientError, BotoCoreError):
                    answered.append(False)

        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        yield answered
        done.set()
        for client in clients:
            client.join()

    def _settle(self, name: str) -> None:
        def settled() -> bool:
            found = self.sagemaker.describe_endpoint(EndpointName=name)
            return bool(found["EndpointStatus"] == "InService")

        wait_until(settled, seconds=120, pause=0.01)


def archive() -> bytes:
    """Return model data of one small file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        info = tarfile.TarInfo("weights.json")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"{}"))
    return content.getvalue()


def own_start(folder: Path, images: Path, kind: Choice) -> Callable[[int], float]:
    """Return what starts the container without the server, and says how long it took."""
    folder.mkdir()
    executor = chosen_executor(kind, folder, images)

    def start(turn: int) -> float:
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
        began = time.perf_counter()
        executor.create(f"own-{turn}", workload, [Entry("/opt/ml/model"), weights])
        executor.start(f"own-{turn}")
        host, port = executor.address(f"own-{turn}") or ("", 0)
        wait_until(lambda: pings(f"http://{host}:{port}/ping"), seconds=60, pause=0.005)
        took = time.perf_counter() - began
        executor.remove(f"own-{turn}")
        return took

    return start


def pings(url: str) -> bool:
    """Say whether a container answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def measured(kind: Choice, top: Path) -> bool:
    """Measure one executor, print it, and say whether both promises are kept."""
    (top / "images").mkdir()
    (top / "serve.py").write_text(SERVE)
    process_image(top / "images", IMAGE, top / "serve.py")
    if kind == "docker":
        docker_image(IMAGE, top / "serve.py")
    server = LocalServer(top / "state", top / "images", kind).start()
    try:
        bench, alone = Bench(server), own_start(top / "own", top / "images", kind)
        update = bench.endpoint("timed", 1)
        turns = [(alone(turn), update()) for turn in range(TURNS)]
        starts, updates = zip(*turns, strict=True)
        start, whole = statistics.median(starts), statistics.median(updates)
        kept = [verdict(whole - start <= MOST_BEYOND)]
        sys.stdout.write(
            f"{kept[0]} {kind:<8} update {whole:.3f} s, the container's own start "
            f"{start:.3f} s, beyond it {whole - start:.3f} s (promised: at most 1 s)\n"
        )
        update = bench.endpoint("loaded", 2)
        for name, policy in STRATEGIES.items():
            with bench.asked("loaded") as answered:
                update(DeploymentConfig=policy)
            failed = answered.count(False)
            kept.append(verdict(failed == 0 and len(answered) > CLIENTS))
            sys.stdout.write(
                f"{kept[-1]} {kind:<8} {name:<12} {len(answered):>6,} requests of "
                f"{CLIENTS} clients, {failed} failed (promised: none)\n"
            )
    finally:
        server.stop()
    return all(each == verdict(True) for each in kept)


def verdict(kept: bool) -> str:
    """Return the first word of a line."""
    return "kept  " if kept else "BROKEN"


def main() -> int:
    """Measure each executor; return 1 where a promise is broken."""
    import docker
    from docker.errors import DockerException

    kinds: list[Choice] = ["process"]
    try:
        docker.from_env().close()
        kinds.append("docker")
    except DockerException:
        sys.stdout.write("no Docker daemon answers: processes only\n")
    kept = True
    for kind in kinds:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as top:
            kept = measured(kind, Path(top)) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
