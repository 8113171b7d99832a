import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from test_local_restart import remove, running_containers

from slipway.sagemaker.service_model import operation_model

IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test"


def missing_members(shape, answer, path=""):
    """Yield each required member that an answer lacks, however deep."""
    if shape.type_name == "list":
        for item in answer:
            yield from missing_members(shape.member, item, path)
    if shape.type_name != "structure":
        return
    for name in shape.required_members:
        if name not in answer:
            yield f"{path}.{name}"
    for name, value in answer.items():
        if name in shape.members:
            yield from missing_members(shape.members[name], value, f"{path}.{name}")


def unanswered(operation, answer):
    return list(
        missing_members(operation_model("sagemaker", operation).output_shape, answer)
    )


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_a_deleted_training_jobs_name_can_be_used_again(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, Tags=[{"Key": "a", "Value": "b"}])
    arn = rig.training(name)["TrainingJobArn"]

    rig.sagemaker.delete_training_job(TrainingJobName=name)
    code, _ = refused(rig.sagemaker.describe_training_job, TrainingJobName=name)
    rig.start_training(bucket, name=name, HyperParameters={"fail": "second"})

    assert code == "ValidationException"
    assert rig.training(name)["FailureReason"].startswith("AlgorithmError: second")
    assert rig.sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_a_deleted_processing_job_is_gone(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_processing(bucket)
    rig.processing(name)

    rig.sagemaker.delete_processing_job(ProcessingJobName=name)

    answer = refused(rig.sagemaker.delete_processing_job, ProcessingJobName=name)
    text = f"Could not find requested job with name: {name}"
    assert answer == ("ValidationException", text)


def test_a_job_that_runs_cannot_be_deleted(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"seconds": "600"})

    answer = refused(rig.sagemaker.delete_training_job, TrainingJobName=name)
    rig.sagemaker.stop_training_job(TrainingJobName=name)
    rig.training(name)
    rig.sagemaker.delete_training_job(TrainingJobName=name)

    text = "The request was rejected because the training job is in status InProgress"
    assert answer == ("ResourceInUse", text)


def test_a_job_past_its_time_goes_through_stopping(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(
        bucket,
        HyperParameters={"seconds": "600"},
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )

    job = rig.training(name)

    assert job["TrainingJobStatus"] == "Stopped"
    seen = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert seen[-4:] == ["Training", "Stopping", "Uploading", "MaxRuntimeExceeded"]
    last = job["SecondaryStatusTransitions"][-1]["StatusMessage"]
    assert last == "Training job runtime exceeded MaxRuntimeInSeconds provided"
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1


def test_a_processing_job_past_its_time_is_stopped(rig):
    bucket = rig.bucket_with(one=b"first")
    application = {"ImageUri": IMAGE, "ContainerArguments": ["process", "60"]}
    name = rig.start_processing(
        bucket,
        AppSpecification=application,
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )

    job = rig.processing(name)

    assert job["ProcessingJobStatus"] == "Stopped"


def test_a_stopped_processing_job_keeps_its_message(rig):
    bucket = rig.bucket_with(one=b"first")
    application = {"ImageUri": IMAGE, "ContainerArguments": ["process", "600"]}
    name = rig.start_processing(bucket, AppSpecification=application)
    rig.said(name, "ProcessingJobs")

    rig.sagemaker.stop_processing_job(ProcessingJobName=name)

    job = rig.processing(name)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert job["ExitMessage"] == "all in capitals"


def test_descriptions_have_every_member_that_aws_promises(rig):
    bucket = rig.bucket_with(one=b"first")
    training = rig.training(rig.start_training(bucket))
    processing = rig.processing(rig.start_processing(bucket))

    assert unanswered("DescribeTrainingJob", training) == []
    assert unanswered("DescribeProcessingJob", processing) == []
    # What the SDK for Python reads of a job that it attaches to.
    assert training["EnableManagedSpotTraining"] is False
    assert training["OutputDataConfig"]["KmsKeyId"] == ""
    assert training["InputDataConfig"][0]["CompressionType"] == "None"
    assert processing["StoppingCondition"]["MaxRuntimeInSeconds"] == 86400
    assert processing["LastModifiedTime"] >= processing["CreationTime"]


def test_a_job_takes_as_many_parameters_and_variables_as_aws(rig):
    bucket = rig.bucket_with(one=b"first")
    hundred = {f"name_{number}": "x" for number in range(100)}

    name = rig.start_training(bucket, HyperParameters=hundred, Environment=hundred)

    job = rig.training(name)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["HyperParameters"] == job["Environment"] == hundred
    more = {**hundred, "more": "x"}
    for member in ("HyperParameters", "Environment"):
        with pytest.raises(ClientError, match="length less than or equal to 100"):
            rig.start_training(bucket, **{member: more})


def test_a_job_that_is_lost_is_tried_again_where_it_may_be(own_rig):
    bucket = own_rig.bucket_with(seconds=b"600")
    name = own_rig.start_training(bucket, RetryStrategy={"MaximumRetryAttempts": 1})
    own_rig.said(name)
    # The second attempt reads it again.
    own_rig.s3.put_object(Bucket=bucket, Key="data/seconds.txt", Body=b"0")
    own_rig.server.kill()
    for container in running_containers(own_rig):
        remove(own_rig, container)

    own_rig.start()

    job = own_rig.training(name)
    seen = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert job["TrainingJobStatus"] == "Completed"
    assert seen.count("Starting") == seen.count("Training") == 2


@pytest.mark.docker
def test_an_isolated_container_has_no_network(own_rig):
    if own_rig.executor == "process":
        pytest.skip("a process has the machine's network")
    bucket = own_rig.bucket_with(one=b"first")
    program = (
        "import os; open('/opt/ml/output/message', 'w').write("
        "','.join([*os.listdir('/sys/class/net'), *filter(lambda n: 'AWS' in n, os.environ)]))"
    )
    name = own_rig.start_processing(
        bucket,
        AppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python", "-c", program],
        },
        NetworkConfig={"EnableNetworkIsolation": True},
    )
    training = own_rig.start_training(
        bucket,
        AlgorithmSpecification={
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": [
                *("python", "-c"),
                program.replace("message", "failure") + "; raise SystemExit(1)",
            ],
        },
        EnableNetworkIsolation=True,
    )

    assert own_rig.processing(name)["ExitMessage"] == "lo"
    failed = own_rig.training(training)["FailureReason"]
    assert failed == "AlgorithmError: lo, exit code: 1"


@pytest.mark.parametrize("kind", ["training", "processing"])
def test_one_of_many_creates_at_once_wins(rig, kind):
    bucket = rig.bucket_with(one=b"first")
    name = f"race-{uuid.uuid4().hex[:12]}"
    start = {"training": rig.start_training, "processing": rig.start_processing}[kind]

    def outcome(_):
        try:
            start(bucket, name=name)
        except rig.sagemaker.exceptions.ResourceInUse:
            return "in use"
        return "made"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(outcome, range(8)))

    assert outcomes == [*["in use"] * 7, "made"]
    {"training": rig.training, "processing": rig.processing}[kind](name)
