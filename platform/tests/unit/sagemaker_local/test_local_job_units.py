import pytest

from slipway.sagemaker.service_model import service_model
from slipway.sagemaker_local.executors.contract import Condition, Phase
from slipway.sagemaker_local.executors.docker_logs import stamped
from slipway.sagemaker_local.executors.process_images import image_file
from slipway.sagemaker_local.jobs.downloads import relative_path
from slipway.sagemaker_local.jobs.kinds import PROCESSING, TRAINING
from slipway.sagemaker_local.jobs.metrics import final_metrics, invalid_pattern
from slipway.sagemaker_local.jobs.plan import JobFaultError
from slipway.sagemaker_local.jobs.progress import (
    MESSAGES,
    Outcome,
    entered,
    finished,
)
from slipway.sagemaker_local.jobs.testimony import (
    exit_message,
    failure_reason,
    reason_of,
)
from slipway.sagemaker_local.jobs.training import model_artifact
from slipway.sagemaker_local.logs.folder import LogFolder, is_ours
from slipway.sagemaker_local.store import Record

JOB = Record(
    arn="arn",
    kind="training-job",
    region="eu-west-1",
    name="job",
    status="InProgress",
    created_at=1_700_000_000.5,
    modified_at=0,
    description={"SecondaryStatusTransitions": []},
)


def statuses(job):
    return [each["Status"] for each in job.description["SecondaryStatusTransitions"]]


def test_every_secondary_status_is_one_of_sagemakers():
    assert set(MESSAGES) <= set(
        service_model("sagemaker").shape_for("SecondaryStatus").enum
    )


def test_each_secondary_status_ends_the_one_before():
    job = entered(entered(JOB, TRAINING, "Starting"), TRAINING, "Downloading")

    first, second = job.description["SecondaryStatusTransitions"]
    assert first["EndTime"] >= first["StartTime"]
    assert "EndTime" not in second
    assert job.description["SecondaryStatus"] == "Downloading"


def test_no_secondary_status_ends_before_it_starts():
    job = entered(entered(JOB, TRAINING, "Starting"), TRAINING, "Training")

    transitions = finished(job, TRAINING, Outcome("Completed")).description[
        "SecondaryStatusTransitions"
    ]

    assert [each["EndTime"] >= each["StartTime"] for each in transitions] == [True] * 3
    ends = [each["EndTime"] for each in transitions[:-1]]
    assert ends == [each["StartTime"] for each in transitions[1:]]


def test_a_secondary_status_is_entered_once():
    job = entered(entered(JOB, TRAINING, "Stopping"), TRAINING, "Stopping")

    assert statuses(job) == ["Stopping"]


def test_a_finished_job_has_its_end_and_reason():
    job = entered(JOB, TRAINING, "Training").with_description(TrainingStartTime=1.0)

    ended = finished(job, TRAINING, Outcome("Failed", reason="x" * 2000))

    assert (ended.status, statuses(ended)[-1]) == ("Failed", "Failed")
    assert len(ended.description["FailureReason"]) == 1024
    assert ended.description["BillableTimeInSeconds"] > 0


def test_processing_jobs_have_no_secondary_status():
    job = finished(JOB, PROCESSING, Outcome("Completed"))

    assert statuses(job) == []
    assert "ProcessingEndTime" in job.description


def test_a_failure_reason_is_awss():
    assert failure_reason(TRAINING, "bad", 1) == "AlgorithmError: bad, exit code: 1"
    silent = "AlgorithmError: See job logs for more information, exit code: 2"
    assert failure_reason(PROCESSING, "", 2) == silent


def test_a_container_without_memory_fails_in_awss_words():
    killed = Condition(Phase.EXITED, 137, out_of_memory=True)

    reason = reason_of(TRAINING, killed, b"ignored")

    assert reason.startswith("ClientError: Please use an instance type with more mem")


def test_an_exit_message_may_end_within_a_character():
    assert exit_message(b"") == {}
    assert exit_message("é".encode()) == {"ExitMessage": "é"}
    cut = ("x" * 1023 + "é").encode()[:1024]
    assert exit_message(cut) == {"ExitMessage": "x" * 1023}
    with pytest.raises(JobFaultError, match="exit message is not UTF-8"):
        exit_message(b"\xff")
    with pytest.raises(JobFaultError, match="exit message is not UTF-8"):
        exit_message("é".encode()[:1])


@pytest.mark.parametrize(
    ("key", "prefix", "expected"),
    [
        ("a/b/c.txt", "a/b/", "c.txt"),
        ("a/b/c.txt", "a/b", "c.txt"),
        ("a/b/c/d.txt", "a/b", "c/d.txt"),
        ("a/b.txt", "a/b.txt", "b.txt"),
        ("a/begin-1.txt", "a/begin", "begin-1.txt"),
        ("top.txt", "", "top.txt"),
        ("a/b", "", "a/b"),
    ],
)
def test_a_key_goes_where_its_prefix_says(key, prefix, expected):
    assert relative_path(key, prefix) == expected


def test_the_artifact_is_below_the_jobs_name():
    request = {
        "TrainingJobName": "job",
        "OutputDataConfig": {"S3OutputPath": "s3://b/p/"},
    }

    assert model_artifact(request) == "s3://b/p/job/output/model.tar.gz"


def test_log_streams_have_awss_names(tmp_path):
    logs = LogFolder(tmp_path)
    paths = [
        logs.job_log(JOB),
        logs.instance_log("eu-west-1", "end", variant="primary", instance="i-1"),
    ]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("1 x\n")

    groups = ["/aws/sagemaker/Endpoints/end", "/aws/sagemaker/TrainingJobs"]
    assert logs.groups("eu-west-1") == groups
    (stream,) = logs.streams("eu-west-1", groups[1])
    assert stream.name == "job/algo-1-1700000000"
    (stream,) = logs.streams("eu-west-1", groups[0])
    assert stream.name == "primary/i-1"
    assert logs.groups("us-east-1") == []


@pytest.mark.parametrize(
    ("group", "ours"),
    [
        ("/aws/sagemaker/TrainingJobs", True),
        ("/aws/sagemaker/Endpoints/x", True),
        ("/aws/sagemaker/Endpoints/../x", False),
        ("/aws/sagemaker/Endpoints/", False),
        ("/aws/lambda/x", False),
    ],
)
def test_only_our_own_log_groups_are_ours(group, ours):
    assert is_ours(group) is ours


def test_the_last_value_of_a_metric_counts(tmp_path):
    path = tmp_path / "log"
    path.write_text("1000 auc=0.5\n2000 auc=0.9\n3000 auc=x\n")
    definitions = [{"Name": "auc", "Regex": "auc=(.*)"}, {"Name": "no", "Regex": "(y)"}]

    assert final_metrics(definitions, path) == [
        {"MetricName": "auc", "Value": 0.9, "Timestamp": 2.0}
    ]


@pytest.mark.parametrize(
    ("pattern", "wrong"), [("a=(.*)", None), ("a=.*", "a=.*"), ("(", "(")]
)
def test_a_metric_needs_a_pattern_that_captures(pattern, wrong):
    assert invalid_pattern([{"Name": "a", "Regex": pattern}]) == wrong


def test_dockers_lines_get_their_time_in_milliseconds():
    line = b"2026-01-31T12:00:00.123456789Z hello there\r"

    assert stamped(line) == b"1769860800123 hello there\n"
    assert stamped(b"2026-01-31T12:00:00Z ") == b"1769860800000 \n"


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "toy",
        "registry/../../etc:tag",
        "registry/a/b",
        "registry/a:..",
        "r/a:t/../x",
    ],
)
def test_a_uri_that_names_no_image_is_none(tmp_path, uri):
    assert image_file(tmp_path, uri) is None


def test_a_uri_leads_to_its_folder(tmp_path):
    uri = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:0a1b"

    assert image_file(tmp_path, uri) == tmp_path / "slipway/toy/0a1b/image.json"
