import pytest
from conformance_claims import documented, guide, ours
from conformance_rig import refused

JOBS = "/aws/sagemaker/TrainingJobs"


@guide(
    "logging-cloudwatch",
    "/aws/sagemaker/TrainingJobs has streams [job]/algo-[number]-[time]",
)
def test_a_training_jobs_stream_is_named_after_it(rig, trained):
    name = trained["TrainingJobName"]
    [stream] = rig.logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
    )["logStreams"]

    assert stream["logStreamName"].startswith(f"{name}/algo-1-")


@guide("logging-cloudwatch", "what a container writes to its output is in its log")
def test_the_events_of_a_stream_are_in_their_order(rig, trained):
    name = trained["TrainingJobName"]
    group = "/aws/sagemaker/TrainingJobs"
    [stream] = rig.logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix=f"{name}/"
    )["logStreams"]
    events = rig.logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
    )["events"]
    lines = [each["message"] for each in events]

    assert lines[0].startswith("loss=0.5;")
    assert lines[-1].startswith("loss=0.25; done")
    assert [each["timestamp"] for each in events] == sorted(
        each["timestamp"] for each in events
    )


@ours("the logs of a job are there while it runs")
def test_a_running_job_is_read(rig, train):
    name = train({"seconds": "600"})
    lines = rig.eventually(lambda: rig.said("TrainingJobs", name))
    running = rig.sagemaker.describe_training_job(TrainingJobName=name)
    rig.sagemaker.stop_training_job(TrainingJobName=name)

    assert lines[0].startswith("loss=0.5;")
    assert running["TrainingJobStatus"] == "InProgress"


@pytest.fixture
def stream(rig, trained):
    """The stream of a training job that wrote two lines or more."""
    [found] = rig.logs.describe_log_streams(
        logGroupName=JOBS, logStreamNamePrefix=f"{trained['TrainingJobName']}/"
    )["logStreams"]
    return {"logGroupName": JOBS, "logStreamName": found["logStreamName"]}


@documented("DescribeLogGroups", "The prefix to match.")
@documented("DescribeLogGroups", "The results are ASCII-sorted by log group name.")
def test_the_groups_are_listed(rig, trained, endpoint):
    pages = rig.logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/aws/sagemaker/", PaginationConfig={"PageSize": 1}
    )
    names = [each["logGroupName"] for page in pages for each in page["logGroups"]]
    pattern = rig.logs.describe_log_groups(logGroupNamePattern="maker/TrainingJ")

    assert names == sorted(names)
    assert {JOBS, f"/aws/sagemaker/Endpoints/{endpoint['EndpointName']}"} <= {*names}
    assert [each["logGroupName"] for each in pattern["logGroups"]] == [JOBS]


@documented(
    "GetLogEvents",
    "If you have reached the end of the stream, it returns the same token you passed in.",
)
@documented(
    "GetLogEvents", "If the value is true, the earliest log events are returned first."
)
def test_a_stream_is_read_forward_to_its_end(rig, stream):
    whole = rig.logs.get_log_events(**stream, startFromHead=True)["events"]
    found, token = [], None
    while True:
        given = {"nextToken": token} if token else {}
        page = rig.logs.get_log_events(**stream, startFromHead=True, limit=1, **given)
        if page["nextForwardToken"] == token:
            break
        found += page["events"]
        token = page["nextForwardToken"]

    assert page["events"] == []
    assert found == whole


@documented(
    "GetLogEvents", "If the value is false, the latest log events are returned first."
)
@documented("GetLogEvents", "The token for the next set of items in the backward")
def test_a_stream_is_read_backward_to_its_beginning(rig, stream):
    whole = rig.logs.get_log_events(**stream, startFromHead=True)["events"]
    found, token = [], None
    while True:
        given = {"nextToken": token} if token else {}
        page = rig.logs.get_log_events(**stream, limit=1, **given)
        if page["nextBackwardToken"] == token:
            break
        found = page["events"] + found
        token = page["nextBackwardToken"]

    assert found == whole


@documented(
    "GetLogEvents",
    "Events with a timestamp equal to this time or later than this time are included.",
)
@documented(
    "GetLogEvents",
    "Events with a timestamp equal to or later than this time are not included.",
)
def test_a_stream_is_read_between_two_times(rig, stream):
    whole = rig.logs.get_log_events(**stream, startFromHead=True)["events"]
    last = whole[-1]["timestamp"]

    def read(**times):
        return rig.logs.get_log_events(**stream, **times, startFromHead=True)["events"]

    assert read(startTime=last) == [each for each in whole if each["timestamp"] == last]
    assert read(endTime=last) == [each for each in whole if each["timestamp"] < last]
    assert read(startTime=last + 1) == []


@documented("FilterLogEvents", "A filter pattern")
@guide(
    "filter-and-pattern-syntax", "all of the terms must be in the event; case counts"
)
@guide(
    "filter-and-pattern-syntax", "a hyphen before a term excludes the events with it"
)
def test_the_events_of_a_job_are_filtered_by_terms(rig, trained):
    asked = {
        "logGroupName": JOBS,
        "logStreamNamePrefix": f"{trained['TrainingJobName']}/",
    }

    def found(pattern):
        answer = rig.logs.filter_log_events(**asked, filterPattern=pattern)
        return [each["message"].split(";")[0] for each in answer["events"]]

    assert found("loss done") == ["loss=0.25"]
    assert found('"loss=0.5"') == ["loss=0.5"]
    assert found("LOSS") == []
    assert "loss=0.25" not in found("loss -done")


@documented(
    "FilterLogEvents",
    "If you specify a value for both logStreamNamePrefix and logStreamNames, the action "
    "returns an InvalidParameterException error.",
)
@documented(
    "DescribeLogStreams",
    "If you order the results by event time, you cannot specify the logStreamNamePrefix "
    "parameter.",
)
@documented(
    "DescribeLogGroups",
    "logGroupNamePrefix and logGroupNamePattern are mutually exclusive.",
)
def test_what_contradicts_itself_is_refused(rig, trained):
    codes = {
        refused(
            rig.logs.filter_log_events,
            logGroupName=JOBS,
            logStreamNames=["a"],
            logStreamNamePrefix="a",
        )[0],
        refused(
            rig.logs.describe_log_streams,
            logGroupName=JOBS,
            orderBy="LastEventTime",
            logStreamNamePrefix="a",
        )[0],
        refused(
            rig.logs.describe_log_groups,
            logGroupNamePrefix="a",
            logGroupNamePattern="b",
        )[0],
        refused(rig.logs.get_log_events, logStreamName="a")[0],
    }

    assert codes == {"InvalidParameterException"}


@ours("AWS's text is that of its console: The specified log group does not exist.")
def test_what_is_not_there_is_a_resource_that_is_not_found(rig, trained):
    missing = [
        refused(rig.logs.describe_log_streams, logGroupName=f"/{rig.name()}"),
        refused(
            rig.logs.get_log_events,
            logGroupName=f"/{rig.name()}",
            logStreamName="a",
        ),
        refused(rig.logs.get_log_events, logGroupName=JOBS, logStreamName=rig.name()),
    ]

    assert {code for code, _ in missing} == {"ResourceNotFoundException"}
    assert missing[0][1] == "The specified log group does not exist."
    assert missing[2][1] == "The specified log stream does not exist."
