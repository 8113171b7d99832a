"""Requests made up from botocore's shapes, and what the server makes of them."""

import json
import re

import pytest
import requests
from botocore.validate import ParamValidator
from fuzz_requests import TABLES, any_members, members, near
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker.shapes import violations
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS as CLOUDWATCH
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.protocol import without_null
from slipway.sagemaker_local.supported.check import check_members
from slipway.sagemaker_local.supported.table import OPERATIONS

#: Before the operation in X-Amz-Target.
_TARGETS = {
    "sagemaker": "SageMaker",
    "application-autoscaling": "AnyScaleFrontendService",
}
#: What a request is told that has the right shape: something is or is not there, or the
#: members do not go together.
SEMANTIC = {
    "sagemaker": (
        *("ValidationException", "ResourceInUse", "ResourceNotFound"),
        *("ConflictException", "ResourceLimitExceeded"),
    ),
    "application-autoscaling": (
        *("ValidationException", "ObjectNotFoundException"),
        *("ResourceNotFoundException", "InvalidNextTokenException"),
        "LimitExceededException",
        # Of an integer that has no bounds in the model, and too many digits.
        "SerializationException",
    ),
}
#: What a request of a wrong shape is told.
OF_A_SHAPE = ("ValidationException", "SerializationException")
_SHAPE = re.compile(r"\d+ validation errors? detected|local SageMaker server does not")
#: Rules over more than one member, which no shape knows.
_ACROSS = re.compile(
    r"Value null at|more than one container|stoppingCondition.maxRuntimeInSeconds|"
    r"initialVariantWeight|desiredWeight"
)
_LOGS = ("DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents")


@pytest.fixture(scope="module")
def fuzzed(new_rig):
    return new_rig()


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        yield session


def asked(session, rig, target, body, service="sagemaker"):
    scope = f"AK/20260101/eu-west-1/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
    }
    return session.post(rig.server.url, data=body, headers=headers, timeout=120)


def client_side(service, operation, request):
    """Say whether the validator of the client's side takes a request."""
    request = without_null(request)
    try:
        check_members(operation, request, TABLES[service])
    except AwsError:
        return False
    return not violations(service, operation, request)


def botocore_takes(service, operation, request):
    """Say whether botocore's own validator takes a request."""
    shape = input_shape(service, operation)
    if shape is None:
        return True
    report = ParamValidator().validate(without_null(request), shape)
    return not report.has_errors()


def fuzz(strategy, check, examples):
    run = settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(check))
    run()


def both_sides_agree(session, rig, operation, examples, service="sagemaker"):
    def check(request):
        body = json.dumps(request)
        target = f"{_TARGETS[service]}.{operation}"
        answer = asked(session, rig, target, body, service)
        text = answer.text
        assert answer.status_code in (200, 400), (body, text)
        assert "Traceback" not in text
        if not botocore_takes(service, operation, request):
            assert answer.status_code == 400, (body, text)
        if answer.status_code == 400:
            known = {*SEMANTIC[service], *OF_A_SHAPE}
            assert answer.json()["__type"] in known, (body, text)
        if client_side(service, operation, request):
            if answer.status_code == 400:
                said = answer.json()
                assert said["__type"] in SEMANTIC[service], (body, text)
                by_shape = _SHAPE.search(said["Message"])
                assert not by_shape or _ACROSS.search(text), (body, text)
        else:
            assert answer.status_code == 400, (body, text)

    made = members(operation, service), near(operation, service)
    fuzz(st.one_of(*made, any_members(service, operation)), check, examples)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_client_and_server_agree_on_every_request(fuzzed, session, operation):
    both_sides_agree(session, fuzzed, operation, 12)


@pytest.mark.nightly
@pytest.mark.parametrize("operation", OPERATIONS)
def test_client_and_server_agree_on_very_many_requests(fuzzed, session, operation):
    both_sides_agree(session, fuzzed, operation, 400)


@pytest.fixture(scope="module")
def scaled(fuzzed):
    """A scalable target of the name that is asked for most often."""
    artifact = fuzzed.trained(fuzzed.bucket_with(one=b"1"))
    fuzzed.endpoint(fuzzed.config(artifact), name="name")


@pytest.mark.parametrize(
    "examples", [30, pytest.param(1000, marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("operation", TABLES["application-autoscaling"])
def test_client_and_server_agree_on_scaling(
    fuzzed, scaled, session, operation, examples
):
    both_sides_agree(session, fuzzed, operation, examples, "application-autoscaling")


@pytest.mark.parametrize("operation", _LOGS)
def test_logs_are_asked_for_anything(fuzzed, session, operation):
    group = st.fixed_dictionaries(
        {"logGroupName": st.just("/aws/sagemaker/TrainingJobs")}
    )
    made = any_members("logs", operation)
    if "logGroupName" in input_shape("logs", operation).members:
        made = st.builds(lambda one, two: one | two, made, group)

    def check(request):
        body = json.dumps(request)
        answer = asked(session, fuzzed, f"Logs_20140328.{operation}", body, "logs")
        assert answer.status_code in (200, 400), (body, answer.text)
        assert "Traceback" not in answer.text

    fuzz(made, check, 30)


def cloudwatch_answers(session, rig, operation, examples):
    target = f"GraniteServiceVersion20100801.{operation}"

    def check(request):
        body = json.dumps(request)
        answer = asked(session, rig, target, body, "monitoring")
        assert answer.status_code in (200, 400, 404), (body, answer.text)
        assert "Traceback" not in answer.text
        taken = botocore_takes("cloudwatch", operation, request)
        if not taken or violations("cloudwatch", operation, without_null(request)):
            assert answer.status_code == 400, (body, answer.text)

    made = members(operation, "cloudwatch"), near(operation, "cloudwatch")
    fuzz(st.one_of(*made), check, examples)


@pytest.mark.parametrize("operation", CLOUDWATCH)
def test_cloudwatch_is_asked_for_anything(fuzzed, session, operation):
    cloudwatch_answers(session, fuzzed, operation, 40)


@pytest.mark.nightly
@pytest.mark.parametrize("operation", CLOUDWATCH)
def test_cloudwatch_is_asked_for_very_much(fuzzed, session, operation):
    cloudwatch_answers(session, fuzzed, operation, 1000)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "examples", [40, pytest.param(2000, marks=pytest.mark.nightly)]
)
def test_any_bytes_get_an_answer_in_awss_shape(fuzzed, session, examples):
    bodies = st.one_of(st.binary(max_size=300), VALUE.map(json.dumps).map(str.encode))
    targets = st.sampled_from(
        [*(f"SageMaker.{name}" for name in OPERATIONS), "SageMaker.", "", "a.b.c"]
    )

    def check(body, target):
        answer = asked(session, fuzzed, target, body)
        assert answer.status_code in (200, 400), (target, body, answer.text)
        if answer.status_code == 400:
            said = answer.json()
            assert said["__type"] == answer.headers["x-amzn-ErrorType"]
            assert "Traceback" not in said["Message"]

    run = settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(given(bodies, targets)(check))
    run()


NASTY = {
    "truncated": b'{"ModelName": "x"',
    "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep lists": b'{"Tags":' + b"[" * 1000 + b"]" * 1000 + b"}",
    "not a number": b'{"MaxResults": NaN}',
    "infinite": b'{"MaxResults": Infinity}',
    "twice": b'{"ModelName": "a", "ModelName": 1}',
    "huge number": b'{"MaxResults": ' + b"9" * 5000 + b"}",
    "huge exponent": b'{"MaxResults": 1e999999}',
    "lone surrogate": b'{"ModelName": "\\ud800"}',
    "half of UTF-8": b'{"ModelName": "\xc3"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"ModelName": "x"}'.encode("utf-16"),
    "zero bytes": b"\0" * 1000,
    "comment": b"/* */ {}",
    "trailing": b"{} {}",
    "text": b'"text"',
    "empty key": b'{"": {"": ""}}',
    "proto": b'{"__proto__": {"a": 1}, "constructor": 1}',
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("operation", ["ListModels", "DescribeModel", "CreateModel"])
def test_a_nasty_body_is_a_400(fuzzed, session, name, operation):
    answer = asked(session, fuzzed, f"SageMaker.{operation}", NASTY[name])

    assert answer.status_code == 400
    assert answer.json()["__type"] in ("SerializationException", "ValidationException")
