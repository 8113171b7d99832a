"""Why a call to SageMaker failed, classed once."""

from enum import StrEnum

import orjson
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name for it
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
)

from slipway.errors import SlipwayError
from slipway.sagemaker.resources import Resource


class Fault(StrEnum):
    """What a caller can do about a failed call."""

    #: Nothing was done: the same call may be made again.
    RETRYABLE = "retryable"
    #: It may have been done: describe before anything else.
    AMBIGUOUS = "ambiguous"
    #: The account's limit is reached: wait, or ask for more.
    QUOTA = "quota"
    #: Credentials are missing, expired or too weak.
    AUTH = "auth"
    #: A resource of this name is there already.
    EXISTS = "exists"
    #: There is no resource of this name.
    MISSING = "missing"
    #: It is in a state that does not allow the call now.
    BUSY = "busy"
    #: The request is wrong, and stays wrong.
    BAD_REQUEST = "bad_request"


class SageMakerError(SlipwayError):
    """SageMaker refused a call, or could not be reached."""

    code = "sagemaker"

    def __init__(self, message: str, *, fault: Fault, request_id: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.request_id = request_id


_BY_CODE = {
    "ThrottlingException": Fault.RETRYABLE,
    "Throttling": Fault.RETRYABLE,
    "TooManyRequestsException": Fault.RETRYABLE,
    "ResourceLimitExceeded": Fault.QUOTA,
    "AccessDeniedException": Fault.AUTH,
    "AccessDenied": Fault.AUTH,
    "ExpiredTokenException": Fault.AUTH,
    "ExpiredToken": Fault.AUTH,
    "UnrecognizedClientException": Fault.AUTH,
    "InvalidClientTokenId": Fault.AUTH,
    "ResourceNotFound": Fault.MISSING,
}
_BUSY = ("Cannot update in-progress", "The request was rejected because")
_SERVER_ERROR = 500


def translate(
    error: ClientError | BotoCoreError, operation: str, resource: Resource | None
) -> SageMakerError:
    """Return what `error` of `operation` means to a caller."""
    if isinstance(error, ClientError):
        return _answered(error, operation, resource)
    if isinstance(error, NoCredentialsError):
        message = f"{operation}: there are no AWS credentials. Sign in, for example with aws sso login"
        return SageMakerError(message, fault=Fault.AUTH)
    message = f"{operation}: SageMaker cannot be reached: {error}"
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return SageMakerError(message, fault=Fault.RETRYABLE)
    if isinstance(error, HTTPClientError | ConnectionError):
        return SageMakerError(message, fault=Fault.AMBIGUOUS)
    return SageMakerError(message, fault=Fault.BAD_REQUEST)


def _answered(
    error: ClientError, operation: str, resource: Resource | None
) -> SageMakerError:
    answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
    code, text = answer.get("Code", ""), answer.get("Message", "")
    if code == "ModelError":
        text = _container_words(error.response.get("OriginalMessage")) or text
    message = f"{operation}: {code}: {text}"
    fault = _BY_CODE.get(code) or _by_message(code, text, resource)
    if fault is None and metadata.get("HTTPStatusCode", 0) >= _SERVER_ERROR:
        fault = Fault.AMBIGUOUS
    return SageMakerError(
        message,
        fault=fault or Fault.BAD_REQUEST,
        request_id=metadata.get("RequestId", ""),
    )


def _container_words(answer: str | None) -> str:
    """Return what a container said, out of its JSON if it is Slipway's."""
    try:
        said: str = orjson.loads(answer or "")["error"]["message"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer or ""
    return said


def _by_message(code: str, text: str, resource: Resource | None) -> Fault | None:
    if resource is not None:
        for (known, prefix), fault in (
            (resource.missing, Fault.MISSING),
            (resource.existing, Fault.EXISTS),
        ):
            if code == known and text.startswith(prefix):
                return fault
    return Fault.BUSY if text.startswith(_BUSY) else None
