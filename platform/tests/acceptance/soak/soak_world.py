"""A server to be killed, its clients, and the requests of the load."""

import contextlib
import os
import random
import socket
import threading
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import ClientError

from slipway.errors import UnavailableError
from slipway.testing.local_stack import LocalServer
from slipway.testing.toy_images import docker_image, process_image

TOY = Path(__file__).parents[2] / "integration/sagemaker_local/toy_container.py"
IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:soak"
ROLE = "arn:aws:iam::000000000000:role/slipway"
BUCKET = "soak"
ARNS = "arn:aws:sagemaker:eu-west-1:000000000000"
SIGKILL = 9


class World:
    """One state folder, and the servers that follow each other on it."""

    def __init__(self, folder: Path, executor: str) -> None:
        self.executor = executor
        self.state = folder / "state"
        images = folder / "images"
        process_image(images, IMAGE, TOY)
        if executor == "docker":
            docker_image(IMAGE, TOY)
        # One port for all of them: clients are dear to make.
        options = ("--port", str(free_port()), "--stop-grace", "1")
        self.server = LocalServer(self.state, images, executor, options=options)

    def start(self) -> None:
        self.server.start()
        if not hasattr(self, "sagemaker"):
            self.s3, self.sagemaker = self.client("s3"), self.client("sagemaker")
            self.runtime = self.client("sagemaker-runtime")

    def start_and_die(self, chance: random.Random) -> None:
        """Kill a server while it starts."""

        def kill() -> None:
            if self.server.pid:
                os.kill(self.server.pid, SIGKILL)

        timer = threading.Timer(chance.uniform(0.05, 1.0), kill)
        timer.start()
        with contextlib.suppress(UnavailableError):
            self.server.start()
        timer.join()
        self.server.kill()

    def client(self, service: str) -> Any:
        config = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=40,
            max_pool_connections=20,
        )
        return boto3.client(service, **self.server.client_settings, config=config)

    def prepare(self) -> None:
        location = {"LocationConstraint": "eu-west-1"}
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        self.s3.put_object(Bucket=BUCKET, Key="data/one.txt", Body=b"first")

    def train(self, name: str, **parameters: str) -> None:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data"}
        self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
            },
            RoleArn=ROLE,
            HyperParameters=parameters,
            InputDataConfig=[
                {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models"},
            ResourceConfig={
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )

    def process(self, name: str) -> None:
        source = {
            "S3Uri": f"s3://{BUCKET}/data",
            "LocalPath": "/opt/ml/processing/input/in",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        target = {
            "S3Uri": f"s3://{BUCKET}/out/{name}",
            "LocalPath": "/opt/ml/processing/output/out",
            "S3UploadMode": "EndOfJob",
        }
        cluster = {
            "InstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "VolumeSizeInGB": 1,
        }
        self.sagemaker.create_processing_job(
            ProcessingJobName=name,
            AppSpecification={"ImageUri": IMAGE, "ContainerArguments": ["process"]},
            RoleArn=ROLE,
            ProcessingInputs=[{"InputName": "in", "S3Input": source}],
            ProcessingOutputConfig={
                "Outputs": [{"OutputName": "out", "S3Output": target}]
            },
            ProcessingResources={"ClusterConfig": cluster},
        )

    def transform(self, name: str) -> None:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data"}
        self.sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName="config-1",
            TransformInput={"DataSource": {"S3DataSource": source}},
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/scored/{name}"},
            TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        )

    def model_and_config(self, name: str, training: str) -> None:
        artifact = f"s3://{BUCKET}/models/{training}/output/model.tar.gz"
        self.sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifact},
            ExecutionRoleArn=ROLE,
        )
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant]
        )

    def described(self, kind: str, name: str) -> dict[str, Any] | None:
        """Describe a resource; None where there is none."""
        call, member = {
            "training": (self.sagemaker.describe_training_job, "TrainingJobName"),
            "processing": (self.sagemaker.describe_processing_job, "ProcessingJobName"),
            "transform": (self.sagemaker.describe_transform_job, "TransformJobName"),
            "model": (self.sagemaker.describe_model, "ModelName"),
            "config": (self.sagemaker.describe_endpoint_config, "EndpointConfigName"),
            "endpoint": (self.sagemaker.describe_endpoint, "EndpointName"),
        }[kind]
        try:
            found: dict[str, Any] = call(**{member: name})
        except ClientError as error:
            message = error.response["Error"]["Message"]
            if "not find" in message or "not found" in message:
                return None
            raise
        return found

    def running(self) -> set[str]:
        """Return every container or process of this state folder but the server."""
        if self.executor == "docker":
            return set(self._containers())
        top = str(self.state)
        found = set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                inside = process.cwd().startswith(top) or any(
                    top in part for part in process.cmdline()
                )
                marked = process.environ().get("SAGEMAKER_BASE_DIR", "").startswith(top)
                is_server = process.pid == self.server.pid
                if (inside or marked) and not is_server and process.pid != os.getpid():
                    found.add(f"{process.pid} {' '.join(process.cmdline())}")
        return found

    def left_over(self) -> set[str]:
        """Return what the executor keeps of workloads, running or not."""
        if self.executor == "docker":
            return set(self._containers(all=True)) | self._volumes()
        return {path.name for path in (self.state / "processes").iterdir()}

    def _containers(self, **options: Any) -> list[str]:
        import docker

        with contextlib.closing(docker.from_env()) as client:
            found = client.api.containers(filters={"label": self._label()}, **options)
        return [each["Names"][0] for each in found]

    def _volumes(self) -> set[str]:
        import docker

        with contextlib.closing(docker.from_env()) as client:
            found = client.api.volumes(filters={"label": self._label()})["Volumes"]
        return {f"volume {each['Name']}" for each in found or []}

    def _label(self) -> str:
        return f"slipway.state={(self.state / 'id').read_text()}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
