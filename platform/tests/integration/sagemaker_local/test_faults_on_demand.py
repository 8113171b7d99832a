import time

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.fault_switches.kinds import KINDS
from slipway.sagemaker_local.fault_switches.rules import Rule

ROLE = "arn:aws:iam::000000000000:role/slipway"


@pytest.fixture(scope="module")
def server_with_switches(new_rig):
    return new_rig("--fault-switches")


@pytest.fixture
def faulty(server_with_switches):
    server_with_switches.server.faults.clear()
    yield server_with_switches
    server_with_switches.server.faults.clear()


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status


def create_model(rig, name):
    container = {"Image": rig.image}
    return rig.sagemaker.create_model(
        ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE
    )


def exists(rig, name):
    try:
        rig.sagemaker.describe_model(ModelName=name)
    except ClientError:
        return False
    return True


def test_without_the_option_the_path_is_not_there(rig):
    answer = requests.get(f"{rig.server.url}/_slipway/faults", timeout=60)

    assert answer.status_code == 404
    assert "--fault-switches" in answer.json()["message"]


def test_throttling_lasts_as_often_as_asked(faulty):
    faulty.server.faults.arm(Rule("throttle", operation="CreateModel", times=2))

    for _ in range(2):
        found = refused(lambda: create_model(faulty, "throttled"))
        assert found == ("ThrottlingException", "Rate exceeded", 400)
    assert not exists(faulty, "throttled")
    create_model(faulty, "throttled")

    assert exists(faulty, "throttled")
    assert faulty.server.faults.fired() == 2
    calls = faulty.server.faults.calls("CreateModel", "throttled")
    assert [(call.status, call.executed) for call in calls] == [
        (400, False),
        (400, False),
        (200, True),
    ]


def test_an_error_before_the_commit_changes_nothing(faulty):
    faulty.server.faults.arm(Rule("error_before", operation="CreateModel"))

    code, _, status = refused(lambda: create_model(faulty, "before"))

    assert (code, status) == ("InternalFailure", 500)
    assert not exists(faulty, "before")


def test_an_error_after_the_commit_leaves_the_resource(faulty):
    faulty.server.faults.arm(Rule("error_after", operation="CreateModel", times=1))

    _, _, status = refused(lambda: create_model(faulty, "after"))

    assert status == 500
    assert exists(faulty, "after")
    (call,) = faulty.server.faults.calls("Create*")
    assert (call.status, call.executed, call.name) == (500, True, "after")


def test_a_call_that_is_refused_anyway_is_not_struck_afterwards(faulty):
    create_model(faulty, "twice")
    faulty.server.faults.arm(Rule("error_after", operation="CreateModel"))

    code, message, _ = refused(lambda: create_model(faulty, "twice"))

    assert code == "ValidationException"
    assert message.startswith("Cannot create already existing model")


@pytest.mark.parametrize(
    ("kind", "done"), [("drop_before", False), ("drop_after", True)]
)
def test_an_answer_is_dropped(faulty, kind, done):
    faulty.server.faults.arm(Rule(kind, operation="CreateModel", times=1))

    with pytest.raises(ConnectionClosedError):
        create_model(faulty, kind.replace("_", "-"))

    assert exists(faulty, kind.replace("_", "-")) is done
    (call,) = faulty.server.faults.calls("CreateModel")
    assert (call.status, call.executed) == (0, done)


def test_the_sdks_own_retry_is_seen_as_one_invocation(faulty):
    faulty.server.faults.arm(Rule("error_after", operation="CreateModel", times=1))
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    client = boto3.client("sagemaker", **faulty.server.client_settings, config=config)
    with pytest.raises(ClientError, match="Cannot create already existing"):
        client.create_model(
            ModelName="retried",
            PrimaryContainer={"Image": faulty.image},
            ExecutionRoleArn=ROLE,
        )

    first, second = faulty.server.faults.calls("CreateModel")
    assert first.invocation == second.invocation != ""
    assert [first.executed, second.executed] == [True, False]


def test_a_new_resource_is_not_found_by_as_many_requests_as_asked(faulty):
    faulty.server.faults.arm(
        Rule("eventual_consistency", operation="CreateModel", calls=3)
    )
    create_model(faulty, "late")

    variant = {
        "VariantName": "primary",
        "ModelName": "late",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    request = {"EndpointConfigName": "late", "ProductionVariants": [variant]}
    assert not exists(faulty, "late")
    code, message, _ = refused(faulty.sagemaker.create_endpoint_config, **request)
    assert (code, message[:20]) == ("ValidationException", "Could not find model")
    assert "already existing" in refused(lambda: create_model(faulty, "late"))[1]

    assert exists(faulty, "late")
    faulty.sagemaker.create_endpoint_config(**request)


def test_a_new_resource_is_hidden_for_a_while(faulty):
    rule = Rule("eventual_consistency", operation="CreateModel", seconds=0.2)
    faulty.server.faults.arm(rule)
    create_model(faulty, "hidden")

    faulty.eventually(lambda: exists(faulty, "hidden"))


def test_clearing_wakes_what_is_delayed(faulty):
    bucket = faulty.bucket_with(one=b"first")
    faulty.server.faults.arm(Rule("slow_start", operation="Create*", seconds=600))
    name = faulty.start_training(bucket)
    faulty.eventually(faulty.server.faults.fired)
    job = faulty.sagemaker.describe_training_job(TrainingJobName=name)
    assert job["SecondaryStatus"] == "Starting"

    faulty.server.faults.clear()

    assert faulty.training(name)["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("kind", ["delay_before", "delay_after"])
def test_an_answer_comes_late(faulty, kind):
    faulty.server.faults.arm(Rule(kind, operation="CreateModel", seconds=0.3))
    began = time.monotonic()

    create_model(faulty, kind.replace("_", "-"))

    assert time.monotonic() - began >= 0.3


def test_a_quota_has_awss_text(faulty):
    bucket = faulty.bucket_with(one=b"first")
    faulty.server.faults.arm(Rule("quota", operation="CreateTrainingJob"))

    code, message, status = refused(lambda: faulty.start_training(bucket))

    assert (code, status) == ("ResourceLimitExceeded", 400)
    wanted = "The account-level service limit 'ml.m5.large for training job usage' is 0"
    assert message.startswith(wanted)


def test_any_error_can_be_named(faulty):
    text = "The security token included in the request is expired"
    faulty.server.faults.arm(
        Rule("error_before", code="ExpiredTokenException", message=text, status=403)
    )

    found = refused(faulty.sagemaker.list_models)

    assert found == ("ExpiredTokenException", text, 403)


def test_s3_has_its_own_words(faulty):
    bucket = faulty.bucket_with(one=b"first")
    faulty.server.faults.arm(
        Rule(
            "throttle",
            service="s3",
            operation="PutObject",
            name=f"{bucket}/a/*",
            times=1,
        ),
        Rule("error_after", service="s3", operation="PutObject", times=1),
    )
    put = {"Bucket": bucket, "Body": b"x"}

    assert refused(faulty.s3.put_object, Key="a/b", **put)[0] == "SlowDown"
    assert refused(faulty.s3.put_object, Key="c", **put)[0] == "InternalError"
    assert faulty.s3.get_object(Bucket=bucket, Key="c")["Body"].read() == b"x"
    names = [call.name for call in faulty.server.faults.calls("PutObject", "*/?*")]
    assert names[-2:] == [f"{bucket}/a/b", f"{bucket}/c"]


def test_pings_fail_and_the_runtime_is_struck(faulty):
    bucket = faulty.bucket_with(one=b"first")
    config = faulty.config(faulty.trained(bucket, answer="1"))
    faulty.server.faults.arm(Rule("failing_pings", variant="primary", times=3))
    endpoint = faulty.endpoint(config)
    assert faulty.server.faults.fired() == 3

    faulty.server.faults.arm(Rule("throttle", service="sagemaker-runtime", times=1))

    assert refused(lambda: faulty.ask(endpoint))[0] == "ThrottlingException"
    assert faulty.ask(endpoint)["answer"] == "1"


def test_chance_is_the_same_each_time(faulty):
    def outcomes():
        rule = Rule("throttle", operation="ListModels", probability=0.5, seed=7)
        with faulty.server.faults.during(rule):
            return [succeeds(faulty) for _ in range(20)]

    first = outcomes()

    assert first == outcomes()
    assert set(first) == {True, False}


def succeeds(rig):
    try:
        rig.sagemaker.list_models()
    except ClientError:
        return False
    return True


def test_matching_calls_can_be_let_by(faulty):
    faulty.server.faults.arm(Rule("throttle", operation="ListModels", skip=1, times=1))

    assert [succeeds(faulty) for _ in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "trottle"}, "Did you mean 'throttle'"),
        ({"kind": "throttle", "time": 1}, "Did you mean 'times'"),
        ({"kind": "throttle", "times": "1"}, "takes int or NoneType, not '1'"),
        ({"operation": "Create*"}, "needs its 'kind'"),
        (1, "A rule is an object"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_and_replaces_nothing(faulty, rule, said):
    faulty.server.faults.arm(Rule("throttle", operation="Nothing"))
    url = f"{faulty.server.url}/_slipway/faults"

    answer = requests.put(url, json={"rules": [rule]}, timeout=60)

    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert len(faulty.server.faults.rules()) == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"rules": 1}'])
def test_what_are_no_rules_is_a_400(faulty, body):
    url = f"{faulty.server.url}/_slipway/faults"

    assert requests.post(url, data=body, timeout=60).status_code == 400


def test_the_client_says_what_is_wrong(faulty):
    with pytest.raises(InvalidRequestError, match="There is no fault 'rain'"):
        faulty.server.faults.arm(Rule("rain"))


def test_every_kind_is_in_the_page():
    assert all(kind.meaning for kind in KINDS.values())


def test_cloudwatch_has_faults_by_the_name_of_its_client(faulty):
    cloudwatch = faulty.client("cloudwatch")
    rule = Rule("throttle", service="cloudwatch", operation="PutMetricData", times=1)
    faulty.server.faults.arm(rule)
    data = {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.0}]}

    first = refused(cloudwatch.put_metric_data, **data)
    cloudwatch.put_metric_data(**data)

    assert first[:2] == ("ThrottlingException", "Rate exceeded")
    seen = [(each.service, each.executed) for each in faulty.server.faults.calls()]
    assert seen == [("cloudwatch", False), ("cloudwatch", True)]
