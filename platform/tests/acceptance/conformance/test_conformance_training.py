import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from conformance_claims import documented, field, guide, ours
from conformance_requests import training
from conformance_rig import refused

DUPLICATE = (
    "Training job names must be unique within an AWS account and region, and a training "
    "job with this name already exists ({arn})"
)
FINISHED = "The request was rejected because the training job is in status Completed"


def weights(rig, job):
    archive = rig.read(job["ModelArtifacts"]["S3ModelArtifacts"])
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        return json.load(tar.extractfile("weights.json"))


def secondary(job):
    return [each["Status"] for each in job["SecondaryStatusTransitions"]]


@documented("CreateTrainingJob", "The Amazon Resource Name (ARN) of the training job.")
def test_a_training_job_has_its_arn_and_its_status(rig, trained):
    name = trained["TrainingJobName"]

    assert trained["TrainingJobArn"] == rig.arn("training-job", name)
    assert trained["TrainingJobStatus"] == "Completed"


@documented(
    "DescribeTrainingJob",
    "Downloading - An optional stage for algorithms that support File training input "
    "mode.",
)
@documented("DescribeTrainingJob", "Uploading - Training is complete and the model")
def test_a_completed_job_went_through_the_secondary_statuses(trained):
    stages = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    found = [each for each in secondary(trained) if each != "Pending"]

    assert found == stages
    assert trained["SecondaryStatus"] == "Completed"


@documented(
    "DescribeTrainingJob",
    "Indicates the time when the training job starts on training instances.",
)
def test_a_completed_job_has_its_times(trained):
    assert trained["CreationTime"] <= trained["TrainingStartTime"]
    assert trained["TrainingStartTime"] <= trained["TrainingEndTime"]
    assert trained["TrainingEndTime"] <= trained["LastModifiedTime"]
    assert trained["TrainingTimeInSeconds"] >= 0
    assert trained["BillableTimeInSeconds"] >= 0


@field(
    "sagemaker-python-sdk, tests/unit/test_estimator.py: a described job",
    '"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False',
)
def test_switches_that_were_not_given_are_told_as_off(trained):
    assert trained["EnableNetworkIsolation"] is False
    assert trained["EnableInterContainerTrafficEncryption"] is False
    assert trained["EnableManagedSpotTraining"] is False


@documented("DescribeTrainingJob", "A collection of MetricData objects that specify")
def test_a_completed_job_has_the_last_value_of_each_metric(trained):
    [metric] = trained["FinalMetricDataList"]

    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)


@guide("your-algorithms-training-algo-output", "/opt/ml/model becomes model.tar.gz")
def test_the_model_is_below_the_output_path(rig, trained):
    job = f"{rig.folder}/trained/{trained['TrainingJobName']}"
    artifacts = trained["ModelArtifacts"]["S3ModelArtifacts"]

    assert artifacts == f"{job}/output/model.tar.gz"
    assert weights(rig, trained)["answer"] == "trained"
    assert rig.read(f"{job}/output/output.tar.gz")


@guide(
    "your-algorithms-training-algo-running-container",
    "hyperparameters.json has strings, resourceconfig.json has current_host and hosts",
)
def test_the_container_gets_its_files(rig, trained):
    content = weights(rig, trained)

    assert content["wishes"] == {"answer": "trained", "depth": "3"}
    assert content["resources"]["current_host"] == "algo-1"
    assert content["resources"]["hosts"] == ["algo-1"]
    assert content["read"] == {"train/rows.csv": "1,2\n3,4\n"}


@guide(
    "your-algorithms-training-algo-running-container",
    "TRAINING_JOB_NAME and TRAINING_JOB_ARN are in the environment",
)
@documented(
    "CreateTrainingJob", "The environment variables to set in the Docker container."
)
def test_the_container_gets_its_environment(rig, train):
    name = train(Environment={"COLOUR": "blue"})
    environment = weights(rig, rig.settled("training job", name))["environment"]

    assert environment["COLOUR"] == "blue"
    assert environment["TRAINING_JOB_NAME"] == name
    assert environment["TRAINING_JOB_ARN"] == rig.arn("training-job", name)


@documented("CreateTrainingJob", "Select None to output an uncompressed model")
def test_an_uncompressed_model_is_a_folder_of_objects(rig, train):
    path = f"{rig.folder}/trained"
    output = {"S3OutputPath": path, "CompressionType": "NONE"}
    name = train(OutputDataConfig=output)
    job = rig.settled("training job", name)

    assert job["ModelArtifacts"]["S3ModelArtifacts"].startswith(
        f"{path}/{name}/output/"
    )
    assert any(key.endswith("weights.json") for key in rig.keys(f"trained/{name}"))


@documented(
    "CreateTrainingJob",
    "Contains information about the output location for managed "
    "spot training checkpoint data.",
)
@guide("model-checkpoints", "checkpoints are restored from S3 before a job, and synced")
def test_checkpoints_are_kept_and_restored(rig, train):
    kept = {"S3Uri": f"{rig.folder}/checkpoints"}
    first = rig.settled("training job", train(CheckpointConfig=kept))
    second = rig.settled("training job", train(CheckpointConfig=kept))

    assert weights(rig, first)["jobs"] == 1
    assert weights(rig, second)["jobs"] == 2
    assert rig.read(f"{kept['S3Uri']}/jobs.txt") == b"2"
    assert second["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"


@documented(
    "CreateTrainingJob",
    "If you choose ManifestFile, S3Uri identifies an object that is a manifest file "
    "containing a list of object keys that you want SageMaker to use for model training.",
)
def test_a_manifest_names_the_objects_of_a_channel(rig, train):
    rig.put("listed/a.txt", b"a")
    rig.put("listed/b.txt", b"b")
    content = json.dumps([{"prefix": f"{rig.folder}/listed/"}, "a.txt"]).encode()
    source = {"S3DataType": "ManifestFile", "S3Uri": rig.put("manifest", content)}
    name = train(
        InputDataConfig=[
            {"ChannelName": "some", "DataSource": {"S3DataSource": source}}
        ]
    )

    assert weights(rig, rig.settled("training job", name))["read"] == {
        "some/a.txt": "a"
    }


@documented(
    "CreateTrainingJob", "The arguments for a container used to run a training job."
)
def test_a_container_is_given_its_arguments(rig, train):
    algorithm = {
        "TrainingImage": rig.target.image,
        "TrainingInputMode": "File",
        "ContainerArguments": ["train", "--depth", "3"],
    }
    job = rig.settled("training job", train(AlgorithmSpecification=algorithm))

    assert weights(rig, job)["arguments"] == ["train", "--depth", "3"]


@documented("CreateTrainingJob", "Isolates the training container.")
def test_an_isolated_job_reads_and_writes_as_any(rig, train):
    job = rig.settled("training job", train(EnableNetworkIsolation=True))

    assert job["TrainingJobStatus"] == "Completed"
    assert job["EnableNetworkIsolation"] is True
    assert weights(rig, job)["read"]


@ours("of two equal creations at once, one wins")
def test_one_of_two_creations_at_once_wins(rig):
    request = training(rig, rig.name())

    def create(_):
        try:
            rig.sagemaker.create_training_job(**request)
        except rig.sagemaker.exceptions.ResourceInUse:
            return "refused"
        return "created"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(create, range(4)))

    assert outcomes == ["created", "refused", "refused", "refused"]


@documented("DescribeTrainingJob", "If the training job failed, the reason it failed.")
@guide(
    "your-algorithms-training-signal-success-failure",
    "what the container writes to /opt/ml/output/failure is in FailureReason",
)
def test_a_failed_job_says_why(rig, train):
    job = rig.settled("training job", train({"fail": "no such column: age"}))

    assert job["TrainingJobStatus"] == "Failed"
    assert job["SecondaryStatus"] == "Failed"
    assert "no such column: age" in job["FailureReason"]
    assert secondary(job)[-1] == "Failed"


@documented(
    "DescribeTrainingJob",
    "MaxRuntimeExceeded - The job stopped because it exceeded the maximum allowed "
    "runtime.",
)
@documented(
    "CreateTrainingJob",
    "if the job does not complete during this time, SageMaker ends the job",
)
def test_a_job_that_takes_too_long_is_stopped(rig, train):
    limit = {"MaxRuntimeInSeconds": 1}
    name = train({"seconds": "600"}, StoppingCondition=limit)
    job = rig.settled("training job", name)

    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"


@pytest.fixture(scope="module")
def stopped(rig, train):
    """A job that was stopped while it trained."""
    name = train({"seconds": "600", "answer": "unfinished"})
    look = rig.sagemaker.describe_training_job
    rig.eventually(lambda: look(TrainingJobName=name)["SecondaryStatus"] == "Training")
    rig.eventually(lambda: rig.said("TrainingJobs", name))
    rig.sagemaker.stop_training_job(TrainingJobName=name)
    return rig.settled("training job", name)


@documented(
    "StopTrainingJob",
    "SageMaker changes the status of the job to Stopping. After SageMaker stops the "
    "job, it sets the status to Stopped.",
)
def test_a_job_is_stopped(stopped):
    assert stopped["TrainingJobStatus"] == "Stopped"
    assert stopped["SecondaryStatus"] == "Stopped"
    assert "Stopping" in secondary(stopped)


@documented(
    "StopTrainingJob",
    "Algorithms might use this 120-second window to save the model artifacts, so the "
    "results of the training is not lost.",
)
def test_what_a_stopped_job_saved_is_kept(rig, stopped):
    assert weights(rig, stopped)["answer"] == "unfinished"


@documented(
    "StopTrainingJob",
    "When it receives a StopTrainingJob request, SageMaker changes the status of the "
    "job to Stopping.",
)
@documented(
    "DeleteTrainingJob",
    "You cannot delete a job that is in the InProgress or Stopping state.",
)
def test_a_job_in_progress_is_not_deleted(rig, train):
    name = train({"seconds": "600"})
    running = refused(rig.sagemaker.delete_training_job, TrainingJobName=name)
    rig.sagemaker.stop_training_job(TrainingJobName=name)
    now = rig.sagemaker.describe_training_job(TrainingJobName=name)
    rig.settled("training job", name)

    assert running[0] in {"ValidationException", "ResourceInUse"}
    assert now["TrainingJobStatus"] in {"Stopping", "Stopped"}


@documented(
    "DeleteTrainingJob",
    "After deleting the job, you can reuse its name to create another training job.",
)
def test_the_name_of_a_deleted_job_is_free(rig, train):
    name = train()
    rig.settled("training job", name)
    rig.sagemaker.delete_training_job(TrainingJobName=name)
    rig.eventually(lambda: gone(rig, name))
    train(name=name)
    again = rig.settled("training job", name)

    assert again["TrainingJobStatus"] == "Completed"


def gone(rig, name):
    try:
        rig.sagemaker.describe_training_job(TrainingJobName=name)
    except rig.sagemaker.exceptions.ClientError:
        return True
    return False


@documented(
    "CreateTrainingJob",
    "The name must be unique within an Amazon Web Services Region in an Amazon Web "
    "Services account.",
)
@field("amazon-sagemaker-operator-for-k8s", DUPLICATE)
def test_a_name_is_taken_once(rig, trained):
    name = trained["TrainingJobName"]
    request = training(rig, name)
    said = refused(rig.sagemaker.create_training_job, **request)
    arn = rig.arn("training-job", name)

    assert said == ("ResourceInUse", DUPLICATE.format(arn=arn))


@field("amazon-sagemaker-operator-for-k8s", "Requested resource not found.")
@pytest.mark.parametrize("operation", ["describe_training_job", "stop_training_job"])
def test_a_job_that_is_not_there(rig, operation):
    said = refused(getattr(rig.sagemaker, operation), TrainingJobName=rig.name())

    assert said == ("ValidationException", "Requested resource not found.")


@ours("DeleteTrainingJob answers as Describe does where there is no job")
def test_a_job_that_is_not_there_is_not_deleted(rig):
    said = refused(rig.sagemaker.delete_training_job, TrainingJobName=rig.name())

    assert said == ("ValidationException", "Requested resource not found.")


@field("amazon-sagemaker-operator-for-k8s", FINISHED)
def test_a_finished_job_is_not_stopped(rig, trained):
    name = trained["TrainingJobName"]
    code, message = refused(rig.sagemaker.stop_training_job, TrainingJobName=name)

    assert code == "ValidationException"
    assert message.startswith(FINISHED)
