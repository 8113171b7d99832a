"""boto3's waiters and paginators, as they come."""

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, WaiterError

RESOURCES = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
#: boto3 waits 30 seconds and more between two looks.
QUICK = {"Delay": 1, "MaxAttempts": 180}


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


def test_the_transform_waiter(sagemaker, server, bucket, model):
    boto3.client("s3").put_object(Bucket=bucket, Key="rows/a.csv", Body=b"1,2\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/rows"}
    sagemaker.create_transform_job(
        TransformJobName="boto3-transforms",
        ModelName=model,
        TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": f"s3://{bucket}/scored"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    )
    wait(
        sagemaker,
        "transform_job_completed_or_stopped",
        TransformJobName="boto3-transforms",
    )


def test_the_alarm_waiter(environment):
    cloudwatch = boto3.client("cloudwatch")
    put_alarm(cloudwatch, "boto3-waits")
    cloudwatch.get_waiter("alarm_exists").wait(
        AlarmNames=["boto3-waits"], WaiterConfig=QUICK
    )


def test_the_object_waiters(environment, bucket):
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="waited", Body=b"x")
    s3.get_waiter("bucket_exists").wait(Bucket=bucket, WaiterConfig=QUICK)
    s3.get_waiter("object_exists").wait(Bucket=bucket, Key="waited", WaiterConfig=QUICK)
    s3.delete_object(Bucket=bucket, Key="waited")
    s3.get_waiter("object_not_exists").wait(
        Bucket=bucket, Key="waited", WaiterConfig=QUICK
    )


def put_alarm(cloudwatch, name):
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="boto3",
        MetricName="size",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )


@pytest.fixture(scope="module")
def resources(sagemaker, server, model, arns, bucket):
    """Three of each thing that is listed."""
    for number in range(3):
        name = f"boto3-listed-{number}"
        variant = {"VariantName": "a", "ModelName": model, "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}],
        )
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
        sagemaker.create_model_package(
            ModelPackageGroupName="boto3-listed-0",
            InferenceSpecification={
                "Containers": [{"Image": server.image}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
        put_alarm(boto3.client("cloudwatch"), name)
        boto3.client("cloudwatch").put_metric_data(
            Namespace="boto3", MetricData=[{"MetricName": name, "Value": 1.0}]
        )
        boto3.client("s3").put_object(Bucket=bucket, Key=f"listed/{number}", Body=b"")
    return arns


#: Of each paginator: what it is given, and the smallest page that it may be asked for;
#: None where AWS lets nobody ask.
PAGINATORS = {
    ("sagemaker", "list_endpoint_configs"): ({}, 1),
    ("sagemaker", "list_endpoints"): ({}, 1),
    ("sagemaker", "list_model_package_groups"): ({}, 1),
    ("sagemaker", "list_model_packages"): (
        {"ModelPackageGroupName": "boto3-listed-0"},
        1,
    ),
    ("sagemaker", "list_models"): ({}, 1),
    ("sagemaker", "list_processing_jobs"): ({}, 1),
    ("sagemaker", "list_tags"): ({"ResourceArn": "{arn}"}, 50),
    ("sagemaker", "list_training_jobs"): ({}, 1),
    ("sagemaker", "list_transform_jobs"): ({}, 1),
    ("logs", "describe_log_groups"): ({}, 1),
    ("logs", "describe_log_streams"): (
        {"logGroupName": "/aws/sagemaker/TrainingJobs"},
        1,
    ),
    ("logs", "filter_log_events"): (
        {"logGroupName": "/aws/sagemaker/TrainingJobs"},
        1,
    ),
    ("cloudwatch", "describe_alarms"): ({}, 1),
    ("cloudwatch", "describe_alarm_history"): ({}, 1),
    ("cloudwatch", "list_metrics"): ({"Namespace": "boto3"}, None),
    ("application-autoscaling", "describe_scalable_targets"): (
        {"ServiceNamespace": "sagemaker"},
        1,
    ),
    ("s3", "list_objects_v2"): ({"Bucket": "{bucket}", "Prefix": "listed/"}, 1),
    ("s3", "list_objects"): ({"Bucket": "{bucket}", "Prefix": "listed/"}, 1),
}
#: Of what there may be one alone, or nothing.
FEW = ("list_endpoints", "describe_log_groups", "describe_scalable_targets")


@pytest.mark.parametrize(("service", "operation"), PAGINATORS)
def test_a_paginator_walks_page_by_page(resources, bucket, service, operation):
    request, size = PAGINATORS[service, operation]
    given = {
        name: value.format(arn=resources[0], bucket=bucket)
        for name, value in request.items()
    }
    paginator = boto3.client(service).get_paginator(operation)
    [key] = [each.expression for each in paginator.result_keys][:1]
    sized = {"PageSize": size} if size else {}
    pages = list(paginator.paginate(**given, PaginationConfig=sized))
    found = [item for page in pages for item in page.get(key, [])]
    whole = paginator.paginate(**given).build_full_result()

    assert found == whole.get(key, [])
    assert all(len(page.get(key, [])) <= (size or 500) for page in pages)
    assert operation in FEW or found
    if size == 1 and len(found) > 1:
        assert len(pages) >= len(found)


@pytest.mark.parametrize(
    "operation", ["list_pipelines", "list_notebook_instances", "list_user_profiles"]
)
def test_a_paginator_of_what_is_not_supported_says_so(sagemaker, operation):
    with pytest.raises(ClientError, match="does not support the operation"):
        list(sagemaker.get_paginator(operation).paginate())


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA256"])
def test_an_object_is_checked_by_boto3_as_it_was_sent(bucket, algorithm):
    s3, where = boto3.client("s3"), {"Bucket": bucket, "Key": f"one-{algorithm}"}
    put = s3.put_object(**where, Body=b"123456789", ChecksumAlgorithm=algorithm)
    got = s3.get_object(**where, ChecksumMode="ENABLED")

    assert got["Body"].read() == b"123456789"
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("CRC32", "COMPOSITE"), ("CRC32C", "COMPOSITE"), ("CRC64NVME", "FULL_OBJECT")],
)
def test_a_file_in_parts_has_the_checksum_of_its_kind(
    bucket, tmp_path, algorithm, kind
):
    s3, key, size = boto3.client("s3"), f"parts-{algorithm}", 11 * 1024 * 1024
    sent, got = tmp_path / "sent", tmp_path / "got"
    sent.write_bytes(bytes(range(256)) * (size // 256))
    part = 5 * 1024 * 1024
    config = TransferConfig(multipart_threshold=part, multipart_chunksize=part)
    extra = {"ChecksumAlgorithm": algorithm}
    s3.upload_file(str(sent), bucket, key, ExtraArgs=extra, Config=config)
    s3.download_file(bucket, key, str(got))
    found = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")

    assert got.read_bytes() == sent.read_bytes()
    assert found["ChecksumType"] == kind
    assert found[f"Checksum{algorithm}"].endswith("-3") == (kind == "COMPOSITE")
