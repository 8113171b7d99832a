import time

import pytest
from botocore.exceptions import ClientError

GROUP = "/aws/sagemaker/TrainingJobs"
COUNT = 25


@pytest.fixture(scope="module")
def job(rig):
    """A job whose stream has known lines, a second apart."""
    name = rig.start_training(rig.bucket_with(one=b"first"))
    rig.training(name)
    stream = _file(rig, name)
    begin = 1_700_000_000_000
    lines = (f"{begin + number * 1000} line {number}\n" for number in range(COUNT))
    stream.write_text("".join(lines))
    return name


def _file(rig, name):
    [found] = (rig.server.state / "logs").rglob(f"TrainingJobs/{name}/*.log")
    return found


@pytest.fixture
def stream(rig, job):
    [found] = rig.logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=f"{job}/"
    )["logStreams"]
    return found["logStreamName"]


def read(rig, stream, **members):
    return rig.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, **members)


def numbers(answer):
    return [int(each["message"].split()[1]) for each in answer["events"]]


def refused(call, **members):
    with pytest.raises(ClientError) as error:
        call(**members)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


def test_pages_go_forward_to_the_end_and_stay_there(rig, stream):
    answer = read(rig, stream, startFromHead=True, limit=10)
    pages = [numbers(answer)]
    while True:
        token = answer["nextForwardToken"]
        answer = read(rig, stream, startFromHead=True, limit=10, nextToken=token)
        if answer["nextForwardToken"] == token:
            break
        pages.append(numbers(answer))

    assert pages == [[*range(10)], [*range(10, 20)], [*range(20, 25)]]
    assert answer["events"] == []


def test_pages_go_backward_from_the_end_to_the_beginning(rig, stream):
    answer = read(rig, stream, limit=10)
    pages = [numbers(answer)]
    while True:
        token = answer["nextBackwardToken"]
        answer = read(rig, stream, limit=10, nextToken=token)
        if answer["nextBackwardToken"] == token:
            break
        pages.append(numbers(answer))

    assert pages == [[*range(15, 25)], [*range(5, 15)], [*range(5)]]


def test_a_page_can_be_left_in_both_directions(rig, stream):
    middle = read(rig, stream, startFromHead=True, limit=10)
    middle = read(
        rig, stream, limit=5, nextToken=middle["nextForwardToken"], startFromHead=True
    )
    back = read(rig, stream, limit=3, nextToken=middle["nextBackwardToken"])
    forth = read(
        rig, stream, limit=3, nextToken=middle["nextForwardToken"], startFromHead=True
    )

    assert numbers(middle) == [*range(10, 15)]
    assert (numbers(back), numbers(forth)) == ([7, 8, 9], [15, 16, 17])


@pytest.mark.parametrize("from_head", [True, False])
def test_times_bound_what_is_read(rig, stream, from_head):
    begin = 1_700_000_000_000
    found = read(
        rig,
        stream,
        startTime=begin + 5000,
        endTime=begin + 9000,
        startFromHead=from_head,
    )

    assert numbers(found) == [5, 6, 7, 8]


def test_a_stream_says_when_it_began_and_ended(rig, stream):
    [found] = rig.logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=stream
    )["logStreams"]

    assert found["firstEventTimestamp"] == 1_700_000_000_000
    assert found["lastEventTimestamp"] == 1_700_000_024_000
    assert found["arn"].endswith(f"log-group:{GROUP}:log-stream:{stream}")


def test_a_group_may_be_named_by_its_arn(rig, stream):
    [group] = rig.logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    for arn in (group["logGroupArn"], GROUP):
        found = rig.logs.get_log_events(
            logGroupIdentifier=arn, logStreamName=stream, startFromHead=True
        )
        assert len(found["events"]) == COUNT
    assert group["creationTime"] <= time.time() * 1000


def test_groups_come_in_pages(rig, job):
    names = [
        each["logGroupName"] for each in rig.logs.describe_log_groups()["logGroups"]
    ]
    pages = rig.logs.get_paginator("describe_log_groups").paginate(
        PaginationConfig={"PageSize": 1, "MaxItems": 3}
    )

    assert GROUP in names
    assert names == sorted(names)
    found = [each["logGroupName"] for page in pages for each in page["logGroups"]]
    assert found == names[:3]


@pytest.fixture(scope="module")
def endpoint(rig):
    """A log group with three streams whose lines are of the same times."""
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    name = rig.endpoint(rig.config(artifact, InitialInstanceCount=3))
    rig.sagemaker.delete_endpoint(EndpointName=name)
    rig.sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 180}
    )
    files = sorted((rig.server.state / "logs").rglob(f"Endpoints/{name}/*/*.log"))
    for number, file in enumerate(files):
        lines = [f"{1000 + at // 2} {number} {at}\n" for at in range(7)]
        file.write_text("".join(lines))
    return f"/aws/sagemaker/Endpoints/{name}"


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_events_of_all_streams_come_in_the_order_of_their_times(rig, endpoint, size):
    pages = rig.logs.get_paginator("filter_log_events").paginate(
        logGroupName=endpoint, PaginationConfig={"PageSize": size}
    )
    events = [each for page in pages for each in page["events"]]
    times = [each["timestamp"] for each in events]

    assert times == sorted(times)
    assert len({each["eventId"] for each in events}) == len(events) == 21
    assert {each["message"] for each in events} == {
        f"{number} {at}" for number in range(3) for at in range(7)
    }


def test_events_are_filtered_by_stream_time_and_terms(rig, endpoint):
    streams = rig.logs.describe_log_streams(logGroupName=endpoint)["logStreams"]
    names = [each["logStreamName"] for each in streams]

    def found(**members):
        answer = rig.logs.filter_log_events(logGroupName=endpoint, **members)
        return [each["message"] for each in answer["events"]]

    assert found(logStreamNames=names[1:2], filterPattern="4") == ["1 4"]
    assert found(logStreamNamePrefix=names[2], startTime=1002, endTime=1003) == [
        "2 4",
        "2 5",
    ]
    assert len(found(logStreamNamePrefix="primary/", startTime=1003)) == 3
    assert found(filterPattern="nothing") == []


def test_streams_are_ordered_by_name_or_by_their_last_event(rig, endpoint):
    call = rig.logs.get_paginator("describe_log_streams").paginate

    def names(**members):
        pages = call(logGroupName=endpoint, PaginationConfig={"PageSize": 2}, **members)
        return [each["logStreamName"] for page in pages for each in page["logStreams"]]

    assert names() == sorted(names())
    assert names(descending=True) == sorted(names(), reverse=True)
    by_time = names(orderBy="LastEventTime")
    assert sorted(by_time) == names()
    assert names(orderBy="LastEventTime", descending=True) == by_time[::-1]


@pytest.mark.parametrize(
    ("operation", "members", "code", "said"),
    [
        ("get_log_events", {"logGroupName": "/mine"}, "Missing", "log group"),
        ("get_log_events", {"logStreamName": "no/such"}, "Missing", "log stream"),
        ("get_log_events", {"logStreamName": "../x/a"}, "Missing", "log stream"),
        ("get_log_events", {"nextToken": "f/3"}, "Invalid", "nextToken is invalid"),
        ("get_log_events", {"nextToken": "x"}, "Invalid", "nextToken is invalid"),
        ("get_log_events", {"limit": 10_001}, "Invalid", "less than or equal to 10000"),
        ("get_log_events", {"unmask": True}, "Invalid", "the value 'True' of 'unmask'"),
        ("get_log_events", {"logGroupIdentifier": GROUP}, "Invalid", "both are"),
        ("filter_log_events", {"filterPattern": "{x}"}, "Invalid", "JSON"),
        ("filter_log_events", {"nextToken": "x"}, "Invalid", "nextToken is invalid"),
        (
            "filter_log_events",
            {"logStreamNames": ["a"], "logStreamNamePrefix": "a"},
            "Invalid",
            "cannot be given together",
        ),
        (
            "describe_log_streams",
            {"orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
            "Invalid",
            "Cannot order by LastEventTime with a logStreamNamePrefix",
        ),
        ("describe_log_streams", {"orderBy": "x"}, "Invalid", "enum value set"),
        (
            "describe_log_groups",
            {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
            "Invalid",
            "mutually exclusive",
        ),
        (
            "describe_log_groups",
            {"accountIdentifiers": ["000000000000"]},
            "Invalid",
            "the member 'accountIdentifiers'",
        ),
        ("create_log_group", {"logGroupName": "/mine"}, "Invalid", "'CreateLogGroup'"),
    ],
)
def test_what_is_wrong_or_not_supported_is_named(
    rig, stream, operation, members, code, said
):
    given = {
        "get_log_events": {"logGroupName": GROUP, "logStreamName": stream},
        "filter_log_events": {"logGroupName": GROUP},
        "describe_log_streams": {"logGroupName": GROUP},
    }.get(operation, {})
    codes = {
        "Missing": "ResourceNotFoundException",
        "Invalid": "InvalidParameterException",
    }
    found, message = refused(getattr(rig.logs, operation), **{**given, **members})

    assert found == codes[code]
    assert said in message


def test_a_page_holds_a_megabyte_at_most(rig):
    name = rig.start_training(rig.bucket_with(one=b"first"))
    rig.training(name)
    text = "x" * 50_000
    _file(rig, name).write_text("".join(f"{at} {text}\n" for at in range(60)))
    found = rig.logs.filter_log_events(
        logGroupName=GROUP, logStreamNamePrefix=f"{name}/"
    )
    [stream] = {each["logStreamName"] for each in found["events"]}
    read_at_once = read(rig, stream, startFromHead=True)["events"]

    assert len(found["events"]) == len(read_at_once) == 20
    assert "nextToken" in found
