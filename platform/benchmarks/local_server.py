"""What the local SageMaker takes to start, to idle, to answer, and to carry a GiB.

    python platform/benchmarks/local_server.py

Describe and Create are asked of moto's own server, too, in turns within the run, in
bytes over one connection each. Jobs and endpoints of this server really run a program,
which ends at once: the next call comes when it has ended.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
from large_object import large_object
from promises import Promises, say, timed
from wire import Wire

from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.store import Record, Store
from slipway.testing.local_stack import LocalServer
from slipway.testing.toy_images import command_image
from slipway.testing.waiting import wait_until

REGION, ROLE = "eu-west-1", "arn:aws:iam::000000000000:role/slipway"
IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/bench:1"
MIB = 1024**2
STARTS, TURNS, LISTINGS = 9, 60, 40
FEW, MANY = 100, 10_000
#: What was promised: seconds, bytes, and ratios.
LONGEST_START, MOST_IDLE = 1.5, 150 * MIB
AGAINST_MOTO, MANY_AGAINST_FEW = 1.0, 3.0
VARIANT = {
    "VariantName": "primary",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}
TRAINING: Mapping[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bench/models"},
    "ResourceConfig": {
        "InstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "VolumeSizeInGB": 1,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "HyperParameters": {"epochs": "3", "rate": "0.1"},
    "Tags": [{"Key": "slipway:owner", "Value": "bench"}],
}
PROCESSING: Mapping[str, Any] = {
    "AppSpecification": {"ImageUri": IMAGE},
    "RoleArn": ROLE,
    "ProcessingResources": {"ClusterConfig": TRAINING["ResourceConfig"]},
}
TRANSFORM: Mapping[str, Any] = {
    "TransformInput": {
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/in"}
        }
    },
    "TransformOutput": {"S3OutputPath": "s3://bench/out"},
    "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
}
PACKAGE: Mapping[str, Any] = {
    "InferenceSpecification": {
        "Containers": [{"Image": IMAGE}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
        "SupportedTransformInstanceTypes": ["ml.m5.large"],
    }
}
#: By what makes something that runs: what describes it, and its status there.
RUNNING: Mapping[str, tuple[str, str]] = {
    "CreateTrainingJob": ("DescribeTrainingJob", "TrainingJobStatus"),
    "CreateProcessingJob": ("DescribeProcessingJob", "ProcessingJobStatus"),
    "CreateTransformJob": ("DescribeTransformJob", "TransformJobStatus"),
    "CreateEndpoint": ("DescribeEndpoint", "EndpointStatus"),
}
BUSY = ("InProgress", "Creating")


def calls(name: str) -> dict[str, dict[str, Any]]:
    """Return the members of each operation that is compared, in their order."""
    config = {
        "EndpointConfigName": name,
        "ProductionVariants": [{**VARIANT, "ModelName": name}],
    }
    container = {"Image": IMAGE, "Environment": {"LOG_LEVEL": "info"}}
    model = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": ROLE}
    return {
        "CreateModel": model,
        "DescribeModel": {"ModelName": name},
        "CreateEndpointConfig": config,
        "DescribeEndpointConfig": {"EndpointConfigName": name},
        "CreateTrainingJob": {"TrainingJobName": name, **TRAINING},
        "DescribeTrainingJob": {"TrainingJobName": name},
        "CreateProcessingJob": {"ProcessingJobName": name, **PROCESSING},
        "DescribeProcessingJob": {"ProcessingJobName": name},
        "CreateTransformJob": {
            "TransformJobName": name,
            "ModelName": name,
            **TRANSFORM,
        },
        "DescribeTransformJob": {"TransformJobName": name},
        "CreateEndpoint": {"EndpointName": name, "EndpointConfigName": name},
        "DescribeEndpoint": {"EndpointName": name},
        "CreateModelPackageGroup": {"ModelPackageGroupName": name},
        "DescribeModelPackageGroup": {"ModelPackageGroupName": name},
        "CreateModelPackage": {"ModelPackageName": name, **PACKAGE},
        "DescribeModelPackage": {"ModelPackageName": name},
    }


def images(folder: Path) -> Path:
    """Return a folder with an image that ends at once."""
    if not folder.exists():
        command_image(folder, IMAGE, ["true"], {})
    return folder


def starts(top: Path, promises: Promises) -> None:
    """Start a server on its state again and again, and look at it when it idles."""
    server = LocalServer(top / "state", images(top / "images"))
    seconds, cpu = [], []
    for _ in range(STARTS):
        seconds.append(timed(server.start))
        spent = psutil.Process(server.pid).cpu_times()
        cpu.append(spent.user + spent.system)
        server.stop()
    server.start()
    Wire(server.url).ask("ListModels", {})
    process = psutil.Process(server.pid)
    wait_until(lambda: not process.cpu_percent(0.5), seconds=30)
    idle = process.memory_info().rss
    server.stop()
    took, work = statistics.median(seconds), statistics.median(cpu)
    promises.judge(
        took <= LONGEST_START,
        f"{took:.2f} s from start to listening, {work:.2f} s of it CPU "
        f"(promised: at most {LONGEST_START} s)",
    )
    promises.judge(
        idle <= MOST_IDLE,
        f"{idle / MIB:.0f} MiB when idle (promised: at most {MOST_IDLE // MIB} MiB)",
    )


@contextlib.contextmanager
def moto(top: Path) -> Iterator[str]:
    """Run moto's own server, and lend its address."""
    command = [sys.executable, "-m", "moto.server", "-p", "0"]
    log = top / "moto.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    said = "Running on "

    def line() -> str:
        lines = log.read_text().splitlines()
        return next((each for each in lines if said in each), "")

    try:
        wait_until(line, seconds=60)
        yield line().partition(said)[2].strip()
    finally:
        process.terminate()
        process.wait(30)


def against_moto(top: Path, promises: Promises) -> None:
    """Ask both servers for the same, in turns."""
    server = LocalServer(top / "asked", images(top / "images")).start()
    try:
        with moto(top) as url:
            ours, theirs = Wire(server.url), Wire(url)
            took: dict[str, list[tuple[float, float]]] = {}
            for turn in range(TURNS + 3):
                asked = calls(f"name-{turn}")
                for operation, members in asked.items():
                    own = _took(ours, operation, members)
                    if operation in RUNNING:
                        describe, status = RUNNING[operation]
                        _wait_for(ours, describe, asked[describe], status=status)
                    pair = (own, _took(theirs, operation, members))
                    # The first ones load what is loaded when it is needed.
                    if turn >= 3:
                        took.setdefault(operation, []).append(pair)
    finally:
        server.stop()
    for operation, pairs in took.items():
        own, other = (statistics.median(side) for side in zip(*pairs, strict=True))
        promises.judge(
            own / other <= AGAINST_MOTO,
            f"{operation:<25} {own * 1e3:5.2f} ms, {own / other:.2f} x moto's "
            f"(promised: at most {AGAINST_MOTO:g})",
        )


def _took(wire: Wire, operation: str, members: Mapping[str, Any]) -> float:
    return timed(lambda: wire.ask(operation, members))


def _wait_for(
    wire: Wire, describe: str, members: Mapping[str, Any], *, status: str
) -> None:
    def ended() -> bool:
        return wire.ask(describe, members)[status] not in BUSY

    wait_until(ended, seconds=60, pause=0.02)


def with_jobs(top: Path, count: int) -> LocalServer:
    """Return a server that has so many training jobs, all over."""
    state = top / f"jobs-{count}"
    store = Store(state / "sagemaker.sqlite")
    with store.together():
        for number in range(count):
            store.create(ended_job(number), {"slipway:owner": "bench"})
    store.close()
    return LocalServer(state, images(top / "images"))


def ended_job(number: int) -> Record:
    """Return the record of a training job that is over."""
    name, at = f"job-{number:05}", 1_700_000_000.0 + number
    description = {**TRAINING, "TrainingJobName": name, "TrainingEndTime": at + 60}
    return Record(
        arn=arn(REGION, "training-job", name),
        kind="training-job",
        region=REGION,
        name=name,
        status="Completed",
        created_at=at,
        modified_at=at + 60,
        description=description,
    )


#: Pages of ListTrainingJobs: the first, a large one, filtered, and sorted.
PAGES: Mapping[str, Mapping[str, Any]] = {
    "the first page": {},
    "a hundred jobs": {"MaxResults": 100},
    "by a part of the name": {"NameContains": "-0001"},
    "by status, by name": {"StatusEquals": "Completed", "SortBy": "Name"},
}


def listings(top: Path, promises: Promises) -> None:
    """List few jobs and many, in turns."""
    servers = [with_jobs(top, count).start() for count in (FEW, MANY)]
    try:
        few, many = (Wire(server.url) for server in servers)
        for what, members in PAGES.items():
            pairs = [
                (_took(few, _LIST, members), _took(many, _LIST, members))
                for _ in range(LISTINGS)
            ]
            short, long = (statistics.median(side) for side in zip(*pairs, strict=True))
            promises.judge(
                long / short <= MANY_AGAINST_FEW,
                f"{_LIST}, {what:<22} {long * 1e3:5.2f} ms of {MANY:,} jobs, "
                f"{long / short:.2f} x of {FEW} (promised: at most {MANY_AGAINST_FEW:g})",
            )
    finally:
        for server in servers:
            server.stop()


_LIST = "ListTrainingJobs"


MEASUREMENTS: tuple[Callable[[Path, Promises], None], ...] = (
    *(starts, against_moto, listings),
    large_object,
)


def main() -> int:
    """Measure; return 1 where a promise is broken."""
    promises = Promises()
    load = ", ".join(f"{each:.1f}" for each in psutil.getloadavg())
    say(f"{psutil.cpu_count()} CPUs, load over 1, 5 and 15 minutes {load}")
    for measure in MEASUREMENTS:
        with tempfile.TemporaryDirectory() as temporary:
            measure(Path(temporary), promises)
    return promises.exit_code


if __name__ == "__main__":
    sys.exit(main())
