import pytest
from conformance_claims import documented, field, guide, ours
from conformance_requests import transform
from conformance_rig import refused

DUPLICATE = (
    "Job name must be unique within an AWS account and region, and a job with this name "
    "already exists ({arn})"
)


@pytest.fixture(scope="module")
def start(rig, model_name):
    """Starts transform jobs, each line of the rows a request."""

    def create(**changes):
        name = rig.name()
        rig.sagemaker.create_transform_job(
            **transform(rig, name, model_name, **changes)
        )
        return name

    return create


@pytest.fixture(scope="module")
def transformed(rig, start):
    return rig.settled("transform job", start())


def source(rig, folder, **changes):
    """Return a TransformInput of a folder of the run."""
    where = {"S3DataType": "S3Prefix", "S3Uri": f"{rig.folder}/{folder}"}
    return {"DataSource": {"S3DataSource": where}, **changes}


@documented(
    "CreateTransformJob", "The Amazon Resource Name (ARN) of the transform job."
)
def test_a_transform_job_completes(rig, transformed):
    name = transformed["TransformJobName"]

    assert transformed["TransformJobArn"] == rig.arn("transform-job", name)
    assert transformed["TransformJobStatus"] == "Completed"
    assert transformed["CreationTime"] <= transformed["TransformEndTime"]


@documented(
    "CreateTransformJob",
    "batch transform stores the transformed data with an .out suffix",
)
@documented(
    "CreateTransformJob",
    "To add a newline character at the end of every transformed record, specify Line.",
)
def test_each_object_has_an_answer(rig, transformed):
    name = transformed["TransformJobName"]

    assert rig.read(f"{rig.folder}/scored/{name}/rows.csv.out") == b"3.0\n7.0\n"


@documented(
    "CreateTransformJob",
    "The input filter provided allows you to exclude input data that is not needed for "
    "inference in a batch transform job.",
)
@documented(
    "CreateTransformJob",
    "If you want the batch transform job to join the original input data with the "
    "transformed data, set JoinSource to Input.",
)
@guide(
    "batch-transform-data-processing", "CSV appends the prediction as the last column"
)
def test_rows_are_filtered_and_joined(rig, start):
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input"}
    name = start(DataProcessing=processing)
    rig.settled("transform job", name)

    scored = rig.read(f"{rig.folder}/scored/{name}/rows.csv.out")
    assert scored == b"1,2,2.0\n3,4,4.0\n"


@guide(
    "batch-transform-errors",
    "an object that fails has no output; the others are transformed, the job fails",
)
def test_an_object_that_fails_fails_the_job_alone(rig, start):
    rig.put("mixed/bad.csv", b"no,numbers\n")
    rig.put("mixed/good.csv", b"1,2\n")
    mixed = source(rig, "mixed/", ContentType="text/csv", SplitType="Line")
    found = rig.settled("transform job", start(TransformInput=mixed))
    name = found["TransformJobName"]

    assert found["TransformJobStatus"] == "Failed"
    assert found["FailureReason"]
    assert rig.keys(f"scored/{name}") == {"good.csv.out"}


@documented(
    "StopTransformJob",
    "When you stop a batch transform job before it is completed, Amazon SageMaker doesn't "
    "store the job's output in Amazon S3.",
)
def test_a_stopped_job_stores_nothing(rig, start):
    rig.put("slow/wait.txt", b"sleep 600")
    slow = source(rig, "slow/", ContentType="text/plain")
    output = {"S3OutputPath": f"{rig.folder}/stopped"}
    name = start(TransformInput=slow, TransformOutput=output)
    rig.sagemaker.stop_transform_job(TransformJobName=name)
    found = rig.settled("transform job", name)

    assert found["TransformJobStatus"] == "Stopped"
    assert rig.keys("stopped") == set()


@field("aws/amazon-sagemaker-operator-for-k8s", DUPLICATE)
def test_a_name_is_taken_once(rig, model_name, transformed):
    name = transformed["TransformJobName"]
    said = refused(
        rig.sagemaker.create_transform_job, **transform(rig, name, model_name)
    )

    assert said == (
        "ResourceInUse",
        DUPLICATE.format(arn=transformed["TransformJobArn"]),
    )


@field(
    "aws/amazon-sagemaker-operator-for-k8s",
    "The request was rejected because the transform job is in status Completed",
)
def test_a_finished_job_is_not_stopped(rig, transformed):
    name = transformed["TransformJobName"]
    said = refused(rig.sagemaker.stop_transform_job, TransformJobName=name)

    assert said == (
        "ValidationException",
        "The request was rejected because the transform job is in status Completed",
    )


@field(
    "aws/amazon-sagemaker-operator-for-k8s",
    "Could not find job to update with name",
)
def test_a_job_that_is_not_there_is_not_stopped(rig):
    code, message = refused(
        rig.sagemaker.stop_transform_job, TransformJobName="no-such-job"
    )

    assert code == "ValidationException"
    assert message.startswith("Could not find job to update with name")


@ours("DescribeTransformJob answers as DescribeProcessingJob does")
def test_a_job_that_is_not_there_is_not_described(rig):
    code, message = refused(
        rig.sagemaker.describe_transform_job, TransformJobName="no-such-job"
    )

    assert code == "ValidationException"
    assert message.startswith("Could not find")


@documented(
    "CreateTransformJob",
    "ModelName must be the name of an existing Amazon SageMaker model",
)
def test_a_job_needs_a_model(rig):
    request = transform(rig, rig.name(), "no-such-model")
    code, message = refused(rig.sagemaker.create_transform_job, **request)

    assert code == "ValidationException"
    assert message.startswith("Could not find model")


@documented(
    "ListTransformJobs",
    "This filter returns only transform jobs whose name contains the specified string.",
)
def test_jobs_are_listed_by_name_and_status(rig, transformed):
    name = transformed["TransformJobName"]
    listed = rig.sagemaker.list_transform_jobs(
        NameContains=name, StatusEquals="Completed"
    )["TransformJobSummaries"]

    (shown,) = [each for each in listed if each["TransformJobName"] == name]
    assert shown["TransformJobArn"] == transformed["TransformJobArn"]
    assert shown["TransformEndTime"] == transformed["TransformEndTime"]
