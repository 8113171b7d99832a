"""A local server, clients of it, and the toy image that its jobs run."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from slipway.testing.local_stack import LocalServer
from slipway.testing.toy_images import docker_image as build_docker_image
from slipway.testing.toy_images import process_image
from slipway.testing.waiting import wait_until

TOY = Path(__file__).with_name("toy_container.py")
REPOSITORY = "slipway/toy"
IMAGE = f"000000000000.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}:test"
ROLE = "arn:aws:iam::000000000000:role/slipway"
BUSY = ("InProgress", "Stopping", "Creating", "Updating", "RollingBack", "Deleting")
#: Seconds between SIGTERM and SIGKILL: SageMaker's 120 are too long for a test.
GRACE = "1"
#: Seconds that a busy machine gets; whoever waits goes on at once.
PATIENCE = 180.0


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of process images with the toy in it."""
    root = tmp_path_factory.mktemp("images")
    process_image(root, IMAGE, TOY)
    return root


@pytest.fixture(scope="session")
def docker_image() -> str:
    """The toy as an image of the Docker daemon, on the base that models stand on."""
    build_docker_image(IMAGE, TOY)
    return IMAGE


@dataclass
class Rig:
    """A server and its clients."""

    server: LocalServer
    executor: str
    #: The toy's.
    image: str = IMAGE

    @staticmethod
    def eventually(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Return the first true value of a condition."""
        found: list[Any] = []

        def holds() -> bool:
            found.append(condition())
            return bool(found[-1])

        wait_until(holds, seconds=seconds)
        return found[-1]

    def client(self, service: str, **config: Any) -> Any:
        return boto3.client(
            service,
            **self.server.client_settings,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def start(self) -> None:
        """Start the server, on a port of its own choice."""
        self.server.start()
        self.s3 = self.client("s3")
        self.sagemaker = self.client("sagemaker")
        self.runtime = self.client("sagemaker-runtime")
        self.logs = self.client("logs")

    def bucket(self) -> str:
        """Make a bucket of a name of its own."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        location = {"LocationConstraint": "eu-west-1"}
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration=location)
        return name

    def bucket_with(self, **objects: bytes) -> str:
        """Make a bucket with objects below `data/`."""
        bucket = self.bucket()
        for name, body in objects.items():
            self.s3.put_object(Bucket=bucket, Key=f"data/{name}.txt", Body=body)
        return bucket

    def start_training(self, bucket: str, **changes: Any) -> str:
        """Create a training job and return its name."""
        name = changes.pop("name", f"train-{uuid.uuid4().hex[:12]}")
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/data"}
        request = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+);"}],
            },
            "RoleArn": ROLE,
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
            "ResourceConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **changes,
        }
        self.sagemaker.create_training_job(**request)
        return name

    def training(self, name: str, *statuses: str) -> dict[str, Any]:
        """Wait for a training job's end, or for a secondary status."""

        def settled() -> dict[str, Any] | None:
            job = self.sagemaker.describe_training_job(TrainingJobName=name)
            if statuses:
                return job if job["SecondaryStatus"] in statuses else None
            return None if job["TrainingJobStatus"] in BUSY else job

        return self.eventually(settled)

    def said(self, name: str, kind: str = "TrainingJobs") -> list[dict[str, Any]]:
        """Wait for a job's first output, and return its log events."""
        reading = {
            "logGroupName": f"/aws/sagemaker/{kind}",
            "logStreamNamePrefix": f"{name}/",
        }

        def read() -> Any:
            try:
                return self.logs.filter_log_events(**reading)["events"]
            except self.logs.exceptions.ResourceNotFoundException:
                return None

        return self.eventually(read)

    def trained(self, bucket: str, **parameters: str) -> str:
        """Train a model and return its artifact's address."""
        name = self.start_training(bucket, HyperParameters=parameters)
        return self.training(name)["ModelArtifacts"]["S3ModelArtifacts"]

    def start_processing(self, bucket: str, **changes: Any) -> str:
        """Create a processing job and return its name."""
        name = changes.pop("name", f"process-{uuid.uuid4().hex[:12]}")
        request = {
            "ProcessingJobName": name,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerArguments": ["process"]},
            "RoleArn": ROLE,
            "ProcessingInputs": [
                {
                    "InputName": "in",
                    "S3Input": {
                        "S3Uri": f"s3://{bucket}/data/",
                        "LocalPath": "/opt/ml/processing/input/in",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "out",
                        "S3Output": {
                            "S3Uri": f"s3://{bucket}/out",
                            "LocalPath": "/opt/ml/processing/output/out",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 1,
                }
            },
            **changes,
        }
        self.sagemaker.create_processing_job(**request)
        return name

    def processing(self, name: str) -> dict[str, Any]:
        """Wait for a processing job's end."""

        def settled() -> dict[str, Any] | None:
            job = self.sagemaker.describe_processing_job(ProcessingJobName=name)
            return None if job["ProcessingJobStatus"] in BUSY else job

        return self.eventually(settled)

    def config(
        self,
        artifact: str,
        model: dict[str, Any] | None = None,
        capture: dict[str, Any] | None = None,
        **variant: Any,
    ) -> str:
        """Create a model and an endpoint config of it; both have the name returned."""
        name = f"config-{uuid.uuid4().hex[:12]}"
        self.sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifact},
            ExecutionRoleArn=ROLE,
            **(model or {}),
        )
        first = {
            "VariantName": "primary",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "ContainerStartupHealthCheckTimeoutInSeconds": 60,
        }
        captured = {"DataCaptureConfig": capture} if capture else {}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[{**first, **variant}],
            **captured,
        )
        return name

    def endpoint(self, config: str, name: str = "") -> str:
        """Create an endpoint, wait until it is settled, and return its name."""
        name = name or f"endpoint-{uuid.uuid4().hex[:12]}"
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self.settled(name)
        return name

    def settled(self, name: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """Wait until an endpoint is in no transition."""

        def settled() -> dict[str, Any] | None:
            found = self.sagemaker.describe_endpoint(EndpointName=name)
            return None if found["EndpointStatus"] in BUSY else found

        return self.eventually(settled, seconds=timeout)

    def ask(self, endpoint: str, body: bytes = b"hello", **members: str) -> Any:
        """Invoke an endpoint and return what its container says."""
        answer = self.runtime.invoke_endpoint(
            EndpointName=endpoint, Body=body, **members
        )
        return json.loads(answer["Body"].read())


NewRig = Callable[..., Rig]


@pytest.fixture(scope="session")
def rig(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One server with the process executor, for all tests that leave it running."""
    state = tmp_path_factory.mktemp("local") / "state"
    rig = Rig(LocalServer(state, images, options=("--stop-grace", GRACE)), "process")
    rig.start()
    yield rig
    rig.server.stop()


@pytest.fixture(scope="session")
def new_rig(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewRig]:
    """Start servers of the process executor with options of their own."""
    rigs: list[Rig] = []

    def start(*options: str) -> Rig:
        state = tmp_path_factory.mktemp("local") / "state"
        options = ("--stop-grace", GRACE, *options)
        rigs.append(Rig(LocalServer(state, images, options=options), "process"))
        rigs[-1].start()
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.server.stop()


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def own_rig_with(
    request: pytest.FixtureRequest, images: Path, tmp_path: Path
) -> Iterator[NewRig]:
    """Starts a server of the test's own, with each executor and options of its own."""
    if request.param == "docker":
        request.getfixturevalue("docker_image")
    rigs: list[Rig] = []

    def start(*options: str) -> Rig:
        options = ("--stop-grace", GRACE, *options)
        server = LocalServer(tmp_path / "state", images, request.param, options=options)
        rigs.append(Rig(server, request.param))
        rigs[-1].start()
        return rigs[-1]

    yield start
    for rig in rigs:
        if not rig.server.url:
            rig.server.start()
        rig.server.stop()


@pytest.fixture
def own_rig(own_rig_with: NewRig) -> Rig:
    """A server of the test's own, with each executor, to be killed and restarted."""
    return own_rig_with()
