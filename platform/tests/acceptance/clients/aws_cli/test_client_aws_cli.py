"""The AWS command line, unmodified."""

import json
import subprocess
import time
import uuid

import pytest

#: How the command line ends when the service refuses.
REFUSED = 255
RESOURCES = "InstanceCount=1,InstanceType=ml.m5.large,VolumeSizeInGB=1"


def aws(*words, code=0):
    """Run one command and return what it prints, read as JSON where it is JSON."""
    done = subprocess.run(["aws", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, f"aws {' '.join(words)}\n{done.stdout}{done.stderr}"
    printed = done.stderr if code else done.stdout
    return json.loads(printed) if printed.startswith(("{", "[")) else printed


@pytest.fixture(scope="module")
def bucket(environment):
    name = f"cli-{uuid.uuid4().hex[:12]}"
    aws("s3", "mb", f"s3://{name}")
    return name


@pytest.fixture(scope="module")
def job(server, bucket, tmp_path_factory):
    """A training job that ended."""
    name = f"cli-{uuid.uuid4().hex[:12]}"
    rows = tmp_path_factory.mktemp("rows") / "rows.csv"
    rows.write_text("1,2\n3,4\n")
    aws("s3", "cp", str(rows), f"s3://{bucket}/in/rows.csv")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in"}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    aws(
        *("sagemaker", "create-training-job", "--training-job-name", name),
        "--algorithm-specification",
        f"TrainingImage={server.image},TrainingInputMode=File",
        *("--hyper-parameters", '{"answer": "from the command line"}'),
        *("--role-arn", server.role),
        *("--input-data-config", json.dumps([channel])),
        *("--output-data-config", f"S3OutputPath=s3://{bucket}/models"),
        *("--resource-config", RESOURCES),
        *("--stopping-condition", "MaxRuntimeInSeconds=600"),
        *("--tags", "Key=team,Value=risk"),
    )
    # `aws … wait` looks again after two minutes: it is asked when the job has ended.
    settled("InProgress", "training-job", name)
    waiter = ("wait", "training-job-completed-or-stopped", "--training-job-name", name)
    aws("sagemaker", *waiter)
    return name


def settled(busy, noun, name):
    """Wait until a resource has another status, and return its description."""
    status = f"{noun.title().replace('-', '')}Status"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = aws("sagemaker", f"describe-{noun}", f"--{noun}-name", name)
        if found[status] != busy:
            return found
    pytest.fail(f"{noun} {name} is {busy} after a minute")


def test_a_job_is_described_and_listed(job):
    described = aws("sagemaker", "describe-training-job", "--training-job-name", job)
    names = aws(
        *("sagemaker", "list-training-jobs", "--name-contains", "cli-"),
        *("--page-size", "1", "--query", "TrainingJobSummaries[].TrainingJobName"),
    )

    assert described["TrainingJobStatus"] == "Completed"
    assert job in names


def test_the_logs_of_a_job_are_read(job):
    printed = aws(
        *("logs", "filter-log-events", "--log-group-name"),
        *("/aws/sagemaker/TrainingJobs", "--log-stream-name-prefix", f"{job}/"),
        *("--query", "events[].message", "--output", "text"),
    )

    assert "loss=0.25; done" in printed


def test_tags_are_added_listed_and_deleted(job):
    described = aws("sagemaker", "describe-training-job", "--training-job-name", job)
    arn = described["TrainingJobArn"]
    aws("sagemaker", "add-tags", "--resource-arn", arn, "--tags", "Key=cost,Value=7")
    listed = aws("sagemaker", "list-tags", "--resource-arn", arn)
    aws("sagemaker", "delete-tags", "--resource-arn", arn, "--tag-keys", "cost")
    rest = aws("sagemaker", "list-tags", "--resource-arn", arn)

    assert {"Key": "cost", "Value": "7"} in listed["Tags"]
    assert rest["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_a_model_is_served(job, server, bucket, tmp_path):
    artifact = f"s3://{bucket}/models/{job}/output/model.tar.gz"
    container = f"Image={server.image},ModelDataUrl={artifact}"
    variant = f"VariantName=a,ModelName={job},InitialInstanceCount=1"
    aws(
        *("sagemaker", "create-model", "--model-name", job),
        *("--primary-container", container, "--execution-role-arn", server.role),
    )
    aws(
        *("sagemaker", "create-endpoint-config", "--endpoint-config-name", job),
        *("--production-variants", f"{variant},InstanceType=ml.m5.large"),
    )
    named = ("--endpoint-name", job)
    aws("sagemaker", "create-endpoint", *named, "--endpoint-config-name", job)
    settled("Creating", "endpoint", job)
    aws("sagemaker", "wait", "endpoint-in-service", *named)
    answer = tmp_path / "answer.json"
    body = tmp_path / "body.json"
    body.write_text("{}")
    assert_scaled(job)
    aws(
        *("sagemaker-runtime", "invoke-endpoint", *named, "--body", f"file://{body}"),
        *("--content-type", "application/json", str(answer)),
    )
    aws("sagemaker", "delete-endpoint", *named)

    assert json.loads(answer.read_text())["answer"] == "from the command line"


def assert_scaled(endpoint):
    """Register the endpoint's variant, follow a policy, and read both back."""
    itself = (
        *("--service-namespace", "sagemaker"),
        *("--resource-id", f"endpoint/{endpoint}/variant/a"),
        *("--scalable-dimension", "sagemaker:variant:DesiredInstanceCount"),
    )
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    tracking = {"TargetValue": 100, "PredefinedMetricSpecification": metric}
    aws(
        *("application-autoscaling", "register-scalable-target", *itself),
        *("--min-capacity", "1", "--max-capacity", "3"),
    )
    put = aws(
        *("application-autoscaling", "put-scaling-policy", *itself),
        *("--policy-name", "invocations", "--policy-type", "TargetTrackingScaling"),
        "--target-tracking-scaling-policy-configuration",
        json.dumps(tracking),
    )
    shown = aws("application-autoscaling", "describe-scaling-policies", *itself)

    assert shown["ScalingPolicies"][0]["PolicyARN"] == put["PolicyARN"]


def test_metrics_are_put_and_an_alarm_goes_off(environment):
    name = f"cli-{uuid.uuid4().hex[:12]}"
    metric = ("--namespace", name, "--metric-name", "size")
    aws("cloudwatch", "put-metric-data", *metric, "--value", "7")
    aws(
        *("cloudwatch", "put-metric-alarm", "--alarm-name", name, *metric),
        *("--statistic", "Sum", "--period", "10", "--evaluation-periods", "1"),
        *("--threshold", "1", "--comparison-operator", "GreaterThanThreshold"),
        *("--treat-missing-data", "breaching"),
    )
    aws("cloudwatch", "wait", "alarm-exists", "--alarm-names", name)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        [alarm] = aws("cloudwatch", "describe-alarms", "--alarm-names", name)[
            "MetricAlarms"
        ]
        if alarm["StateValue"] == "ALARM":
            break
    listed = aws("cloudwatch", "list-metrics", "--namespace", name)
    read = aws(
        *("cloudwatch", "get-metric-statistics", *metric, "--period", "3600"),
        *("--start-time", "2026-01-01T00:00:00Z", "--end-time", "2026-01-01T01:00:00Z"),
        *("--statistics", "Sum"),
    )
    aws("cloudwatch", "delete-alarms", "--alarm-names", name)

    assert alarm["StateReason"].startswith("Threshold Crossed: ")
    assert [each["MetricName"] for each in listed["Metrics"]] == ["size"]
    assert read == {"Label": "size", "Datapoints": []}


def test_a_refusal_is_printed_in_awss_words():
    named = ("--training-job-name", "none-such")
    printed = aws("sagemaker", "describe-training-job", *named, code=REFUSED)

    assert "(ValidationException)" in printed
    assert "Requested resource not found." in printed


def test_folders_are_synchronised_with_a_bucket(bucket, tmp_path):
    there, back = tmp_path / "there", tmp_path / "back"
    (there / "deep").mkdir(parents=True)
    (there / "deep" / "small.txt").write_text("small")
    # Above the command line's threshold of 8 MB it is sent, and read, in parts.
    (there / "large.bin").write_bytes(b"0123456789abcdef" * 1024 * 1024)
    aws("s3", "sync", str(there), f"s3://{bucket}/synced")
    aws("s3", "sync", f"s3://{bucket}/synced", str(back))
    listed = aws("s3", "ls", "--recursive", f"s3://{bucket}/synced")
    aws("s3", "rm", "--recursive", f"s3://{bucket}/synced")

    assert (back / "deep" / "small.txt").read_text() == "small"
    assert (back / "large.bin").read_bytes() == (there / "large.bin").read_bytes()
    assert "16777216 synced/large.bin" in listed
    assert aws("s3", "ls", f"s3://{bucket}/synced", code=1) == ""
