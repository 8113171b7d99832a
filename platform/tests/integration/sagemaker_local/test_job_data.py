import json

import pytest
from botocore.exceptions import ClientError

ALGORITHM = {
    "TrainingImage": "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test"
}


def keys(rig, bucket, prefix):
    listed = rig.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [each["Key"].removeprefix(prefix) for each in listed.get("Contents", [])]


def trained(rig, bucket, **changes):
    """Train with an uncompressed artifact, and return the job and what it wrote."""
    output = {"S3OutputPath": f"s3://{bucket}/models", "CompressionType": "NONE"}
    name = rig.start_training(bucket, OutputDataConfig=output, **changes)
    job = rig.training(name)
    if job["TrainingJobStatus"] == "Failed":
        return job, None
    key = f"models/{name}/output/model/weights.json"
    return job, json.loads(rig.s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def channel(bucket, key, name="train", **changes):
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{key}", **changes}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def test_checkpoints_are_restored_and_kept(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    own_rig.s3.put_object(Bucket=bucket, Key="check/deep/step-4", Body=b"four")
    config = {"S3Uri": f"s3://{bucket}/check"}

    name = own_rig.start_training(
        bucket, CheckpointConfig=config, HyperParameters={"seconds": "30"}
    )

    # While it runs: what it wrote is there, and what it deleted is not.
    own_rig.eventually(lambda: keys(own_rig, bucket, "check/") == ["deep/step-5"])
    own_rig.sagemaker.stop_training_job(TrainingJobName=name)
    job = own_rig.training(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"
    assert keys(own_rig, bucket, "check/") == ["deep/step-5"]


def test_checkpoints_go_on_after_the_server_was_killed(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    own_rig.s3.put_object(Bucket=bucket, Key="check/deep/step-4", Body=b"four")
    config = {"S3Uri": f"s3://{bucket}/check/"}
    name = own_rig.start_training(
        bucket, CheckpointConfig=config, HyperParameters={"seconds": "1"}
    )
    own_rig.said(name)

    own_rig.server.kill()
    own_rig.start()

    assert own_rig.training(name)["TrainingJobStatus"] == "Completed"
    assert keys(own_rig, bucket, "check/") == ["deep/step-5"]


def test_a_failed_jobs_checkpoints_are_kept(rig):
    bucket = rig.bucket_with(one=b"first")
    config = {"S3Uri": f"s3://{bucket}/check/"}

    job, _ = trained(
        rig, bucket, CheckpointConfig=config, HyperParameters={"fail": "x"}
    )

    assert job["TrainingJobStatus"] == "Failed"
    assert keys(rig, bucket, "check/") == ["deep/step-0"]


@pytest.mark.parametrize("path", ["/opt/ml/../x", "/var/checkpoints", "/opt/ml/"])
def test_checkpoints_outside_of_the_jobs_folder_are_refused(rig, path):
    bucket = rig.bucket_with(one=b"first")
    config = {"S3Uri": f"s3://{bucket}/check", "LocalPath": path}

    with pytest.raises(ClientError, match="must be a plain path below /opt/ml/"):
        rig.start_training(bucket, CheckpointConfig=config)


@pytest.mark.parametrize(
    "path",
    ["/opt/ml/model", "/opt/ml/model/deep/", "/opt/ml/input/data", "/opt/ml/output"],
)
def test_checkpoints_where_sagemaker_has_its_own_are_refused(rig, path):
    bucket = rig.bucket_with(one=b"first")
    config = {"S3Uri": f"s3://{bucket}/check", "LocalPath": path}

    with pytest.raises(ClientError, match=f"LocalPath '{path.rstrip('/')}' is taken"):
        rig.start_training(bucket, CheckpointConfig=config)


def test_a_continuous_output_is_there_while_the_job_runs(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    output = {
        "S3Uri": f"s3://{bucket}/live",
        "LocalPath": "/opt/ml/processing/output/out",
        "S3UploadMode": "Continuous",
    }
    application = {
        "ImageUri": ALGORITHM["TrainingImage"],
        "ContainerArguments": ["process", "30"],
    }
    name = own_rig.start_processing(
        bucket,
        AppSpecification=application,
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": output}]},
    )

    expected = ["environment.json", "one.txt"]
    own_rig.eventually(lambda: keys(own_rig, bucket, "live/") == expected)

    own_rig.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert own_rig.processing(name)["ProcessingJobStatus"] == "Stopped"
    assert keys(own_rig, bucket, "live/") == expected


def test_a_manifest_names_the_objects_of_a_channel(own_rig):
    bucket = own_rig.bucket_with(one=b"first", two=b"second", three=b"third")
    manifest = [{"prefix": f"s3://{bucket}/da"}, "ta/one.txt", "ta/three.txt"]
    body = json.dumps(manifest).encode()
    own_rig.s3.put_object(Bucket=bucket, Key="my.manifest", Body=body)
    channels = [
        channel(
            bucket,
            "my.manifest",
            S3DataType="ManifestFile",
            S3DataDistributionType="ShardedByS3Key",
        )
    ]

    job, seen = trained(own_rig, bucket, InputDataConfig=channels)

    assert job["TrainingJobStatus"] == "Completed"
    assert seen["read"] == {"train/ta/one.txt": "first", "train/ta/three.txt": "third"}
    assert seen["inputs"]["train"]["S3DistributionType"] == "ShardedByS3Key"


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"[", "is not a JSON array"),
        (b"{}", "is not a JSON array"),
        (b"[]", "is not a JSON array"),
        (b'[{"prefix": "s3://BUCKET/"}, 1]', "is not a JSON array"),
        (b'[{"prefix": 1}, "x"]', "is not a JSON array"),
        (b'[{"prefix": "s3://BUCKET/"}, "nope"]', "No S3 objects found"),
        (b'[{"prefix": "s3://BUCKET/"}]', "No S3 objects found"),
        (b'[{"prefix": "s3://BUCKET/data/x/"}, "../one.txt"]', "Data download failed"),
        (b'[{"prefix": "http://x/"}, "one.txt"]', "is not an S3 address"),
    ],
)
def test_a_manifest_that_is_none_fails_the_job(rig, manifest, reason):
    bucket = rig.bucket_with(one=b"first")
    rig.s3.put_object(Bucket=bucket, Key="data/x/../one.txt", Body=b"x")
    body = manifest.replace(b"BUCKET", bucket.encode())
    rig.s3.put_object(Bucket=bucket, Key="my.manifest", Body=body)
    channels = [channel(bucket, "my.manifest", S3DataType="ManifestFile")]

    job, _ = trained(rig, bucket, InputDataConfig=channels)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError")
    assert reason in job["FailureReason"]


def test_one_object_is_a_channel_of_one_file(rig):
    bucket = rig.bucket_with(one=b"first", two=b"second")

    _, seen = trained(rig, bucket, InputDataConfig=[channel(bucket, "data/one.txt")])

    assert seen["read"] == {"train/one.txt": "first"}


def test_fast_files_are_there_and_read_only(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    algorithm = {**ALGORITHM, "TrainingInputMode": "FastFile"}

    _, seen = trained(own_rig, bucket, AlgorithmSpecification=algorithm)

    assert seen["read"] == {"train/one.txt": "first"}
    assert seen["inputs"]["train"]["TrainingInputMode"] == "FastFile"
    assert seen["modes"] == {"train/one.txt": "0o444"}


def test_channels_of_one_name_are_refused(rig):
    bucket = rig.bucket_with(one=b"first")

    with pytest.raises(
        ClientError, match="names in InputDataConfig must be unique: 'train'"
    ):
        rig.start_training(bucket, InputDataConfig=[channel(bucket, "data")] * 2)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ExperimentConfig", {"ExperimentName": "x"}),
        ("TensorBoardOutputConfig", {"S3OutputPath": "s3://x/y"}),
        ("DebugHookConfig", {"S3OutputPath": "s3://x/y"}),
        ("ProfilerConfig.S3OutputPath", {"S3OutputPath": "s3://x/y"}),
        ("VpcConfig", {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}),
    ],
)
def test_members_that_do_nothing_here_are_refused_by_name(rig, member, value):
    bucket = rig.bucket_with(one=b"first")
    name = member.partition(".")[0]

    with pytest.raises(ClientError, match=f"does not support the member '{member}'"):
        rig.start_training(bucket, **{name: value})


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"InputMode": "Pipe"}, "value 'Pipe' of 'InputDataConfig.InputMode'"),
        ({"CompressionType": "Gzip"}, "value 'Gzip' of 'InputDataConfig.Compression"),
        ({"RecordWrapperType": "RecordIO"}, "value 'RecordIO' of 'InputDataConfig"),
    ],
)
def test_ways_of_input_that_are_not_here_are_refused_by_name(rig, part, text):
    bucket = rig.bucket_with(one=b"first")
    channels = [{**channel(bucket, "data"), **part}]

    with pytest.raises(ClientError) as refused:
        rig.start_training(bucket, InputDataConfig=channels)

    assert f"does not support the {text}" in str(refused.value)
