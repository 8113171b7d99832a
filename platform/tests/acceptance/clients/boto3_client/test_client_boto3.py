"""boto3's waiters and paginators, as they come."""

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import WaiterError

from slipway.sagemaker_local.supported.table import OPERATIONS

RESOURCES = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
#: boto3 waits 30 seconds and more between two looks.
QUICK = {"Delay": 1, "MaxAttempts": 60}
#: What each paginator is given, where it must be given something.
NEEDED = {"ListTags": lambda arns: {"ResourceArn": arns[0]}}


@pytest.fixture(scope="module")
def sagemaker(environment):
    return boto3.client("sagemaker")


def wait(sagemaker, waiter, **request):
    sagemaker.get_waiter(waiter).wait(**request, WaiterConfig=QUICK)


@pytest.fixture(scope="module")
def train(sagemaker, server, bucket):
    """Starts training jobs."""

    def start(name, **hyperparameters):
        return sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={
                "TrainingImage": server.image,
                "TrainingInputMode": "File",
            },
            HyperParameters=hyperparameters,
            RoleArn=server.role,
            OutputDataConfig={"S3OutputPath": f"s3://{bucket}/models"},
            ResourceConfig=RESOURCES,
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            Tags=[{"Key": f"key-{number}", "Value": "v"} for number in range(3)],
        )["TrainingJobArn"]

    return start


@pytest.fixture(scope="module")
def arns(sagemaker, train):
    """Three training jobs that ended."""
    names = [f"boto3-{number}" for number in range(3)]
    arns = [train(name) for name in names]
    for name in names:
        wait(sagemaker, "training_job_completed_or_stopped", TrainingJobName=name)
    return arns


def test_the_training_waiter_raises_on_a_failed_job(sagemaker, train):
    train("boto3-fails", fail="no such column")
    with pytest.raises(WaiterError, match="Failed"):
        wait(
            sagemaker,
            "training_job_completed_or_stopped",
            TrainingJobName="boto3-fails",
        )


def test_the_training_waiter_takes_a_stopped_job_for_a_success(sagemaker, train):
    train("boto3-stops", seconds="300")
    sagemaker.stop_training_job(TrainingJobName="boto3-stops")
    wait(sagemaker, "training_job_completed_or_stopped", TrainingJobName="boto3-stops")


def test_the_processing_waiter(sagemaker, server):
    sagemaker.create_processing_job(
        ProcessingJobName="boto3-processes",
        AppSpecification={
            "ImageUri": server.image,
            "ContainerArguments": ["process"],
        },
        ProcessingResources={"ClusterConfig": RESOURCES},
        RoleArn=server.role,
    )
    wait(
        sagemaker,
        "processing_job_completed_or_stopped",
        ProcessingJobName="boto3-processes",
    )


@pytest.fixture(scope="module")
def model(sagemaker, server):
    sagemaker.create_model(
        ModelName="boto3",
        PrimaryContainer={"Image": server.image},
        ExecutionRoleArn=server.role,
    )
    return "boto3"


def test_the_endpoint_waiters(sagemaker, model):
    variant = {"VariantName": "a", "ModelName": model, "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName="boto3",
        ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}],
    )
    sagemaker.create_endpoint(EndpointName="boto3", EndpointConfigName="boto3")
    wait(sagemaker, "endpoint_in_service", EndpointName="boto3")
    sagemaker.delete_endpoint(EndpointName="boto3")
    wait(sagemaker, "endpoint_deleted", EndpointName="boto3")


def paginated():
    client = boto3.client("sagemaker", region_name="eu-west-1")
    names = (operation for operation in OPERATIONS if operation.startswith("List"))
    return [name for name in names if client.can_paginate(xform_name(name))]


def smallest_page(sagemaker, operation):
    members = sagemaker.meta.service_model.operation_model(operation).input_shape
    return members.members["MaxResults"].metadata.get("min", 1)


@pytest.mark.parametrize("operation", paginated())
def test_a_paginator_walks_page_by_page(sagemaker, arns, operation):
    paginator = sagemaker.get_paginator(xform_name(operation))
    request = NEEDED.get(operation, lambda _: {})(arns)
    whole = paginator.paginate(**request).build_full_result()
    size = smallest_page(sagemaker, operation)
    pages = list(paginator.paginate(**request, PaginationConfig={"PageSize": size}))
    [found] = [value for value in whole.values() if isinstance(value, list)]
    [key] = [key for key, value in whole.items() if value is found]

    assert [item for page in pages for item in page[key]] == found
    assert all(len(page[key]) <= size for page in pages)
