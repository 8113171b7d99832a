import io
import json
import tarfile

import pytest
from botocore.exceptions import ClientError


def objects(rig, bucket, prefix=""):
    pages = rig.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix
    )
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def body(rig, bucket, key):
    return rig.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def weights(rig, bucket, name):
    packed = body(rig, bucket, f"models/{name}/output/model.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return json.load(archive.extractfile("weights.json"))


def test_a_processing_job_reads_and_writes_s3(rig):
    bucket = rig.bucket_with(one=b"first", two=b"second")

    job = rig.processing(rig.start_processing(bucket, Environment={"MINE": "1"}))

    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ExitMessage"] == "all in capitals"
    assert body(rig, bucket, "out/one.txt") == b"FIRST"
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]


def test_a_job_sees_nothing_of_the_servers_environment(rig):
    bucket = rig.bucket_with(one=b"first")

    rig.processing(rig.start_processing(bucket, Environment={"MINE": "1"}))

    seen = json.loads(body(rig, bucket, "out/environment.json"))
    assert seen["MINE"] == "1"
    assert seen["FROM_IMAGE"] == "yes"
    assert seen["AWS_ENDPOINT_URL"] == rig.server.url
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TMPDIR", "MINE"}
    others = set(seen) - allowed - {"FROM_IMAGE", "SAGEMAKER_BASE_DIR"}
    aws = {"ENDPOINT_URL", "DEFAULT_REGION", "REGION", "ACCESS_KEY_ID"}
    expected = {f"AWS_{name}" for name in aws | {"SECRET_ACCESS_KEY"}}
    assert others == expected | {"PROCESSING_JOB_NAME"}
    assert str(rig.server.pid) not in seen["HOME"]


def test_an_isolated_job_gets_no_credentials(rig):
    bucket = rig.bucket_with(one=b"first")
    isolated = {"EnableNetworkIsolation": True}

    rig.processing(rig.start_processing(bucket, NetworkConfig=isolated))

    seen = json.loads(body(rig, bucket, "out/environment.json"))
    assert not [name for name in seen if name.startswith("AWS_")]


def test_a_training_job_goes_through_sagemakers_statuses(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"answer": "42"})

    job = rig.training(name)

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    seen = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert seen == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all("EndTime" in each for each in job["SecondaryStatusTransitions"])
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)
    trained = weights(rig, bucket, name)
    assert trained["answer"] == "42"
    assert trained["read"] == {"train/one.txt": "first"}
    assert trained["resources"]["hosts"] == ["algo-1"]
    assert trained["inputs"]["train"]["TrainingInputMode"] == "File"
    assert f"models/{name}/output/output.tar.gz" in objects(rig, bucket)


def test_an_uncompressed_artifact_is_a_folder_of_objects(rig):
    bucket = rig.bucket_with(one=b"first")
    output = {"S3OutputPath": f"s3://{bucket}/models/", "CompressionType": "NONE"}
    name = rig.start_training(bucket, OutputDataConfig=output)

    job = rig.training(name)

    artifact = f"models/{name}/output/model/"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{bucket}/{artifact}"
    assert objects(rig, bucket, artifact) == [f"{artifact}weights.json"]


def test_a_failing_job_says_why_in_aws_words(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"fail": "no such column"})

    job = rig.training(name)

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: no such column, exit code: 3"


def test_a_long_failure_reason_keeps_its_exit_code(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"fail": "x" * 2000})

    reason = rig.training(name)["FailureReason"]

    assert len(reason) == 1024
    assert reason.endswith("x, exit code: 3")


def test_a_program_that_does_not_exist_fails_the_job(rig):
    bucket = rig.bucket_with(one=b"first")
    application = rig.start_processing(
        bucket,
        AppSpecification={
            "ImageUri": "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test",
            "ContainerEntrypoint": ["/no/such/program"],
        },
    )

    job = rig.processing(application)

    assert job["ProcessingJobStatus"] == "Failed"
    assert "could not be started" in job["FailureReason"]
    assert job["FailureReason"].endswith("exit code: 127")


def test_a_stopped_job_keeps_what_it_had(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"seconds": "600"})
    rig.training(name, "Training")

    rig.sagemaker.stop_training_job(TrainingJobName=name)
    job = rig.training(name)

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    statuses = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert statuses[-3:] == ["Stopping", "Uploading", "Stopped"]


def test_a_job_that_ignores_sigterm_is_killed_after_the_grace(rig):
    bucket = rig.bucket_with(one=b"first")
    parameters = {"seconds": "600", "ignore_term": "1"}
    name = rig.start_training(bucket, HyperParameters=parameters)
    rig.training(name, "Training")

    rig.sagemaker.stop_training_job(TrainingJobName=name)

    assert rig.training(name)["TrainingJobStatus"] == "Stopped"


def test_stopping_a_finished_job_is_refused(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket)
    rig.training(name)

    with pytest.raises(ClientError) as refused:
        rig.sagemaker.stop_training_job(TrainingJobName=name)

    message = refused.value.response["Error"]["Message"]
    expected = "The request was rejected because the training job is in status"
    assert message == f"{expected} Completed"


def test_inputs_that_are_not_there_fail_the_job(rig):
    bucket = rig.bucket()

    job = rig.processing(rig.start_processing(bucket))

    assert job["ProcessingJobStatus"] == "Failed"
    assert "No S3 objects found under S3 URL" in job["FailureReason"]


def test_boto3s_own_waiters_see_the_end_of_a_job(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket)

    waiter = rig.sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 180})


def test_the_log_can_be_read_while_the_job_runs(rig):
    bucket = rig.bucket_with(one=b"first")
    name = rig.start_training(bucket, HyperParameters={"seconds": "600"})

    (event,) = rig.said(name)

    assert event["message"] == "loss=0.5;"
    assert event["logStreamName"].startswith(f"{name}/algo-1-")
    rig.sagemaker.stop_training_job(TrainingJobName=name)
    rig.training(name)


def test_jobs_are_listed_in_pages(rig):
    bucket = rig.bucket_with(one=b"first")
    names = [rig.start_training(bucket, name=f"paged-{bucket}-{n}") for n in range(3)]
    pages = rig.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=f"paged-{bucket}",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 2},
    )

    found = [each for page in pages for each in page["TrainingJobSummaries"]]

    assert [each["TrainingJobName"] for each in found] == names[::-1]
    for name in names:
        rig.training(name)


def test_tags_given_at_creation_are_listed(rig):
    bucket = rig.bucket_with(one=b"first")
    tags = [{"Key": "owner", "Value": "me"}]
    name = rig.start_training(bucket, Tags=tags)
    arn = rig.training(name)["TrainingJobArn"]

    rig.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "digest", "Value": "1"}])

    listed = rig.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert listed == [{"Key": "digest", "Value": "1"}, *tags]


def test_a_job_runs_the_same_with_every_executor(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    name = own_rig.start_training(bucket, HyperParameters={"answer": "42"})

    job = own_rig.training(name)
    processed = own_rig.processing(own_rig.start_processing(bucket))

    assert job["TrainingJobStatus"] == "Completed"
    assert job["FinalMetricDataList"][0]["Value"] == 0.25
    assert weights(own_rig, bucket, name)["read"] == {"train/one.txt": "first"}
    assert processed["ExitMessage"] == "all in capitals"
    assert body(own_rig, bucket, "out/one.txt") == b"FIRST"


def test_a_job_is_stopped_the_same_with_every_executor(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    name = own_rig.start_training(bucket, HyperParameters={"seconds": "600"})
    own_rig.training(name, "Training")

    own_rig.said(name)
    own_rig.sagemaker.stop_training_job(TrainingJobName=name)

    assert own_rig.training(name)["TrainingJobStatus"] == "Stopped"
    # What it saved on SIGTERM.
    assert weights(own_rig, bucket, name)["read"] == {"train/one.txt": "first"}
