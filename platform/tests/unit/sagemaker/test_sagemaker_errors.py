import io

import pytest
import urllib3
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from slipway.s3.faults import CLASSES, CODES
from slipway.sagemaker.errors import Fault, SageMakerError, translate
from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.resources import RESOURCES

AMBIGUOUS = Fault.AMBIGUOUS
#: What botocore finds wrong before it sends anything; it stays wrong.
OUR_OWN_MISTAKES = """
AliasConflictParameterError ApiVersionNotFoundError AwsChunkedWrapperError
BaseEndpointResolverError DataNotFoundError EndpointProviderError
EndpointResolutionError EndpointVariantError InvalidChecksumConfigError
InvalidDNSNameError InvalidDefaultsMode InvalidEndpointConfigurationError
InvalidEndpointDiscoveryConfigurationError InvalidExpressionError
InvalidHostLabelError InvalidMaxRetryAttemptsError InvalidProxiesConfigError
InvalidRegionError InvalidRetryConfigurationError InvalidRetryModeError
InvalidS3AddressingStyleError InvalidS3UsEast1RegionalEndpointConfigError
InvalidSTSRegionalEndpointsConfigError MD5UnavailableError MissingParametersError
NoRegionError OperationNotPageableError PaginationError ParamValidationError
RangeError ServiceNotInRegionError StubAssertionError StubResponseError
UnStubbedResponseError UnknownClientMethodError UnknownEndpointError
UnknownEndpointResolutionBuiltInName UnknownFIPSEndpointError UnknownKeyError
UnknownParameterError UnknownRegionError UnknownServiceError UnknownServiceStyle
UnknownSignatureVersionError UnseekableStreamError UnsupportedOutpostResourceError
UnsupportedS3AccesspointConfigurationError UnsupportedS3ArnError
UnsupportedS3ConfigurationError UnsupportedS3ControlArnError
UnsupportedS3ControlConfigurationError UnsupportedServiceProtocolsError
UnsupportedSignatureVersionError ValidationError WaiterConfigError WaiterError
"""
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


def test_each_code_has_its_fault_and_the_usual_ones_are_known():
    codes = [code for known in CODES.values() for code in known]

    assert len(codes) == len(set(codes))
    for fault, known in CODES.items():
        for code in known:
            assert translate(refused(code, "?"), "Any", None).fault is fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [(401, Fault.AUTH), (403, Fault.AUTH), (429, Fault.RETRYABLE), (503, AMBIGUOUS)],
)
def test_a_code_that_nobody_knows_is_classed_by_its_status(status, fault):
    assert translate(refused("Novel", "?", status), "Any", None).fault is fault


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), Fault.RETRYABLE),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), AMBIGUOUS),
        (exceptions.ConnectTimeoutError(endpoint_url="http://x"), Fault.RETRYABLE),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), AMBIGUOUS),
        (exceptions.NoCredentialsError(), Fault.AUTH),
        (exceptions.UnauthorizedSSOTokenError(), Fault.AUTH),
        (exceptions.SSOTokenLoadError(error_msg="gone"), Fault.AUTH),
        (exceptions.MetadataRetrievalError(error_msg="gone"), Fault.AUTH),
    ],
)
def test_an_answer_that_never_came_is_classed(cause, fault):
    assert translate(cause, "Any", None).fault is fault


def below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_the_class_of_each_error_of_botocore_is_decided():
    """A release of botocore with another error fails here, and is looked at."""
    decided = {name for names in CLASSES.values() for name in names}
    known = {
        kind.__name__: kind
        for kind in below(exceptions.BotoCoreError)
        if kind.__module__ == exceptions.__name__
    }
    names = {
        name
        for name, kind in known.items()
        if not decided & {parent.__name__ for parent in kind.__mro__}
    }

    assert decided <= {*known}
    assert names == {*OUR_OWN_MISTAKES.split()}


def test_an_error_names_the_service_that_was_asked():
    gone = exceptions.EndpointConnectionError(endpoint_url="http://x")

    assert "CloudWatch cannot be reached" in str(
        translate(gone, "PutMetricAlarm", None, "CloudWatch")
    )


class Cut:
    """A body that stops on its way."""

    def read(self, _amount=None):
        raise urllib3.exceptions.ReadTimeoutError(None, "/", "too late")


@pytest.mark.parametrize("raw", [Cut(), io.BytesIO(b"{")])
def test_an_answer_of_an_endpoint_that_is_cut_may_have_been_given(raw):
    class CutGateway(Gateway):
        def _call(self, *_given, **_options):
            return {"Body": StreamingBody(raw, 10)}

    with pytest.raises(SageMakerError, match="InvokeEndpoint: SageMaker") as caught:
        CutGateway(None).invoke("e", b"", content_type="x", accept="x")

    assert caught.value.fault is AMBIGUOUS
