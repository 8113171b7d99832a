import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from slipway.sagemaker.errors import Fault, translate
from slipway.sagemaker.resources import RESOURCES

ARN = "arn:aws:sagemaker:eu-west-1:000000000000:x/y"
ANSWERS = [
    (
        "training_job",
        "ResourceInUse",
        "Training job names must be unique",
        Fault.EXISTS,
    ),
    ("processing_job", "ResourceInUse", "Job name must be unique", Fault.EXISTS),
    (
        "sagemaker_model",
        "ValidationException",
        f'Cannot create already existing model "{ARN}".',
        Fault.EXISTS,
    ),
    (
        "endpoint_config",
        "ValidationException",
        f'Cannot create already existing endpoint configuration "{ARN}".',
        Fault.EXISTS,
    ),
    (
        "endpoint",
        "ValidationException",
        f'Cannot create already existing endpoint "{ARN}".',
        Fault.EXISTS,
    ),
    (
        "endpoint",
        "ValidationException",
        f'Could not find endpoint configuration "{ARN}".',
        Fault.BAD_REQUEST,
    ),
    (
        "endpoint",
        "ValidationException",
        f'Could not find endpoint "{ARN}".',
        Fault.MISSING,
    ),
    (
        "training_job",
        "ValidationException",
        "Requested resource not found.",
        Fault.MISSING,
    ),
    (
        "endpoint",
        "ValidationException",
        f'Cannot update in-progress endpoint "{ARN}".',
        Fault.BUSY,
    ),
    (
        "training_job",
        "ValidationException",
        "The request was rejected because the training job is in status Completed",
        Fault.BUSY,
    ),
    ("training_job", "ResourceLimitExceeded", "The account-level", Fault.QUOTA),
    ("training_job", "ThrottlingException", "Rate exceeded", Fault.RETRYABLE),
    ("training_job", "AccessDeniedException", "no", Fault.AUTH),
    ("training_job", "ValidationException", "1 validation error", Fault.BAD_REQUEST),
]


def refused(code, message, status=400):
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
    }
    return ClientError(answer, "Any")


@pytest.mark.parametrize(("kind", "code", "message", "fault"), ANSWERS)
def test_each_answer_of_sagemaker_is_classed(kind, code, message, fault):
    error = translate(refused(code, message), "Any", RESOURCES[kind])

    assert error.fault is fault
    assert error.request_id == "r-1"
    assert message in str(error)


def test_a_server_error_may_have_been_carried_out():
    error = translate(refused("InternalFailure", "?", 500), "Any", None)

    assert error.fault is Fault.AMBIGUOUS


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), Fault.RETRYABLE),
        (ReadTimeoutError(endpoint_url="http://x"), Fault.AMBIGUOUS),
        (ConnectTimeoutError(endpoint_url="http://x"), Fault.RETRYABLE),
        (NoCredentialsError(), Fault.AUTH),
    ],
)
def test_an_answer_that_never_came_is_classed(cause, fault):
    assert translate(cause, "Any", None).fault is fault
