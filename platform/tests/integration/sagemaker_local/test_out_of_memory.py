"""Containers that the kernel really kills for want of memory."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from slipway.sagemaker_local import assembly
from slipway.sagemaker_local.access.credentials import KeyPair
from slipway.sagemaker_local.executors import docker as docker_executor
from slipway.sagemaker_local.executors.instances import Limits
from slipway.sagemaker_local.jobs.testimony import OUT_OF_MEMORY
from slipway.sagemaker_local.operations.table import HANDLERS
from slipway.sagemaker_local.s3.body import Produced
from slipway.testing.toy_images import docker_image
from slipway.testing.waiting import wait_until

pytestmark = pytest.mark.docker
IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/hungry:test"
HUNGRY = Path(__file__).with_name("hungry_container.py")
ROLE = "arn:aws:iam::000000000000:role/slipway"
#: The smallest instance has gigabytes, which no test should take.
SMALL = Limits(cpus=1, memory=64 * 1024**2)
SIZE = {"InstanceCount": 1, "InstanceType": "ml.m5.large"}


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """The parts of a server, with containers of 64 MiB."""
    import docker

    docker_image(IMAGE, HUNGRY)
    client = docker.APIClient(version="auto")
    executor = docker_executor.DockerExecutor(client, tmp_path.name)
    monkeypatch.setattr(docker_executor, "limits", lambda _type: SMALL)
    monkeypatch.setattr(assembly, "chosen_executor", lambda *_: executor)
    settings = assembly.ServerSettings(
        state=tmp_path,
        images=tmp_path,
        executor="docker",
        endpoint_url="http://127.0.0.1:1",
        role=KeyPair("local", "local"),
        stop_grace=1,
    )
    calm = SimpleNamespace(hold=lambda *_: None, ping_fails=lambda *_: False)
    stack = assembly.assembled(settings, calm)
    stack.objects.create_bucket("bucket", "eu-west-1")
    stack.objects.put("bucket", "in/a", Produced([b"eat"]))
    yield stack
    assembly.shut_down(stack)
    client.close()


def ended(stack, kind, request):
    """Carry a create out, and return the job once it is over."""
    HANDLERS[f"Create{kind}Job"](stack, "eu-west-1", request)
    named = {f"{kind}JobName": request[f"{kind}JobName"]}

    def described():
        return HANDLERS[f"Describe{kind}Job"](stack, "eu-west-1", named)

    wait_until(lambda: described()[f"{kind}JobStatus"] != "InProgress", seconds=120)
    return described()


def test_a_training_job_that_runs_out_of_memory_says_so(stack):
    job = ended(
        stack,
        "Training",
        {
            "TrainingJobName": "hungry",
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
            "ResourceConfig": {**SIZE, "VolumeSizeInGB": 1},
        },
    )

    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", OUT_OF_MEMORY)


@pytest.mark.parametrize("moment", ["at its start", "while it is asked"])
def test_a_transform_job_that_runs_out_of_memory_says_so(stack, moment):
    eats = {"EAT": "yes"} if moment == "at its start" else {}
    container = {"Image": IMAGE, "Environment": eats}
    model = {"ModelName": "hungry", "PrimaryContainer": container}
    HANDLERS["CreateModel"](stack, "eu-west-1", model)
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}

    job = ended(
        stack,
        "Transform",
        {
            "TransformJobName": "hungry",
            "ModelName": "hungry",
            "TransformInput": {"DataSource": {"S3DataSource": source}},
            "TransformOutput": {"S3OutputPath": "s3://bucket/out"},
            "TransformResources": SIZE,
        },
    )

    assert job["FailureReason"] == OUT_OF_MEMORY
    assert job["TransformJobStatus"] == "Failed"
