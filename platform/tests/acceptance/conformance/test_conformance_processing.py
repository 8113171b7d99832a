import pytest
from conformance_claims import documented, field, guide, ours
from conformance_requests import processing
from conformance_rig import refused

DUPLICATE = (
    "Job name must be unique within an AWS account and region, and a job with this name "
    "already exists ({arn})"
)


@pytest.fixture(scope="module")
def process(rig):
    """Starts processing jobs: the environment is the container's wishes."""

    def start(wishes=None, **changes):
        name = rig.name()
        wished = {"Environment": wishes} if wishes else {}
        request = processing(rig, name, **wished, **changes)
        rig.sagemaker.create_processing_job(**request)
        return name

    return start


@pytest.fixture(scope="module")
def processed(rig, process):
    return rig.settled("processing job", process())


@documented(
    "CreateProcessingJob", "The Amazon Resource Name (ARN) of the processing job."
)
def test_a_processing_job_completes(rig, processed):
    name = processed["ProcessingJobName"]

    assert processed["ProcessingJobArn"] == rig.arn("processing-job", name)
    assert processed["ProcessingJobStatus"] == "Completed"
    assert processed["CreationTime"] <= processed["ProcessingEndTime"]


@guide(
    "build-your-own-processing-container", "inputs and outputs are below their paths"
)
@documented("CreateProcessingJob", "must begin with /opt/ml/processing/")
def test_inputs_are_read_and_outputs_written(rig, processed):
    name = processed["ProcessingJobName"]

    assert rig.read(f"{rig.folder}/processed/{name}/rows.csv") == b"1,2\n3,4\n"


@documented(
    "DescribeProcessingJob",
    "An optional string, up to one KB in size, that contains metadata from the "
    "processing container when the processing job exits.",
)
def test_the_containers_message_is_told(processed):
    assert processed["ExitMessage"] == "all in capitals"


@documented(
    "DescribeProcessingJob",
    "A string, up to one KB in size, that contains the reason a processing job failed, "
    "if it failed.",
)
def test_a_failed_job_says_why(rig, process):
    job = rig.settled("processing job", process({"FAIL": "no such column"}))

    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"]


@documented(
    "CreateProcessingJob",
    "Whether to upload the results of the processing job continuously or after the job "
    "completes.",
)
def test_continuous_outputs_are_there_while_the_job_runs(rig, process):
    request = processing(rig, "any")
    [output] = request["ProcessingOutputConfig"]["Outputs"]
    target = {
        **output["S3Output"],
        "S3Uri": f"{rig.folder}/continuous",
        "S3UploadMode": "Continuous",
    }
    name = process(
        {"EARLY": "yes", "SECONDS": "600"},
        ProcessingOutputConfig={"Outputs": [{**output, "S3Output": target}]},
    )
    rig.eventually(lambda: rig.keys("continuous") == {"early.txt"})
    running = rig.sagemaker.describe_processing_job(ProcessingJobName=name)
    rig.sagemaker.stop_processing_job(ProcessingJobName=name)

    assert running["ProcessingJobStatus"] == "InProgress"


@documented("StopProcessingJob", "Stops a processing job.")
def test_a_job_is_stopped(rig, process):
    name = process({"SECONDS": "600"})
    rig.sagemaker.stop_processing_job(ProcessingJobName=name)
    now = rig.sagemaker.describe_processing_job(ProcessingJobName=name)
    job = rig.settled("processing job", name)

    assert now["ProcessingJobStatus"] in {"Stopping", "Stopped"}
    assert job["ProcessingJobStatus"] == "Stopped"


@documented("CreateProcessingJob", "Specifies the maximum runtime in seconds.")
def test_a_job_that_takes_too_long_is_stopped(rig, process):
    limit = {"MaxRuntimeInSeconds": 1}
    name = process({"SECONDS": "600"}, StoppingCondition=limit)

    assert rig.settled("processing job", name)["ProcessingJobStatus"] == "Stopped"


@documented(
    "DeleteProcessingJob",
    "You cannot delete a job that is in the InProgress or Stopping state.",
)
def test_a_job_in_progress_is_not_deleted(rig, process):
    name = process({"SECONDS": "600"})
    code, _ = refused(rig.sagemaker.delete_processing_job, ProcessingJobName=name)
    rig.sagemaker.stop_processing_job(ProcessingJobName=name)

    assert code in {"ValidationException", "ResourceInUse"}


@documented(
    "DeleteProcessingJob",
    "You can delete only processing jobs that are in a terminal state",
)
def test_a_finished_job_is_deleted(rig, process):
    name = process()
    rig.settled("processing job", name)
    rig.sagemaker.delete_processing_job(ProcessingJobName=name)
    said = refused(rig.sagemaker.describe_processing_job, ProcessingJobName=name)

    assert said[0] == "ValidationException"


@documented(
    "CreateProcessingJob",
    "The name must be unique within an Amazon Web Services Region in the Amazon Web "
    "Services account.",
)
@field("amazon-sagemaker-operator-for-k8s", DUPLICATE)
def test_a_name_is_taken_once(rig, processed):
    name = processed["ProcessingJobName"]
    said = refused(rig.sagemaker.create_processing_job, **processing(rig, name))
    arn = rig.arn("processing-job", name)

    assert said == ("ResourceInUse", DUPLICATE.format(arn=arn))


@field("amazon-sagemaker-operator-for-k8s", "Could not find requested job with name: X")
def test_a_job_that_is_not_there(rig):
    name = rig.name()
    said = refused(rig.sagemaker.describe_processing_job, ProcessingJobName=name)

    assert said == (
        "ValidationException",
        f"Could not find requested job with name: {name}",
    )


@ours("StopProcessingJob and DeleteProcessingJob answer as Describe does")
@pytest.mark.parametrize("verb", ["stop", "delete"])
def test_a_job_that_is_not_there_is_not_ended(rig, verb):
    call = getattr(rig.sagemaker, f"{verb}_processing_job")
    code, message = refused(call, ProcessingJobName="no-such-job")

    assert code == "ValidationException"
    assert message.startswith("Could not find")


@ours("the text that AWS has for training and transform jobs")
def test_a_finished_job_is_not_stopped(rig, processed):
    name = processed["ProcessingJobName"]
    said = refused(rig.sagemaker.stop_processing_job, ProcessingJobName=name)

    assert said[0] == "ValidationException"
    assert "job is in status Completed" in said[1]
