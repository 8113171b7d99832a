"""Why a call to AWS failed, classed once."""

from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from slipway.errors import SlipwayError


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


#: Faults that may be gone when the same is asked for later, with nothing changed.
PASSING = frozenset(
    {Fault.RETRYABLE, Fault.AMBIGUOUS, Fault.QUOTA, Fault.AUTH, Fault.BUSY}
)


class AwsError(SlipwayError):
    """A service of AWS refused a call, or could not be reached."""

    code = "aws"

    def __init__(self, message: str, *, fault: Fault, request_id: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.request_id = request_id


#: The codes of each fault, whatever the service.
CODES = {
    Fault.RETRYABLE: (
        "ModelNotReadyException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    Fault.QUOTA: (
        "LimitExceeded",
        "LimitExceededException",
        "ResourceLimitExceeded",
        "ServiceQuotaExceededException",
    ),
    Fault.AUTH: (
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "NotSignedUp",
        "OptInRequired",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    ),
    Fault.BUSY: ("ConditionalRequestConflict", "ConflictException", "OperationAborted"),
    # a HEAD has no body to say a code in
    Fault.MISSING: ("404", "NoSuchBucket", "NoSuchKey", "ResourceNotFound"),
}
#: The classes of each fault that botocore raises itself, by name: not each release has
#: all of them. Others are their parent's, or a mistake of the caller.
CLASSES = {
    # nothing was sent
    Fault.RETRYABLE: (
        "CapacityNotAvailableError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ProxyConnectionError",
    ),
    # sent, and the answer did not come, or not whole
    Fault.AMBIGUOUS: (
        "ChecksumError",
        "ConnectionError",
        "FlexibleChecksumError",
        "HTTPClientError",
        "IncompleteReadError",
    ),
    # a person has to sign in, or to correct this machine's settings
    Fault.AUTH: (
        "ConfigNotFound",
        "ConfigParseError",
        "CredentialRetrievalError",
        "InfiniteLoopConfigError",
        "InvalidConfigError",
        "InvalidIMDSEndpointError",
        "InvalidIMDSEndpointModeError",
        "LoginError",
        "MetadataRetrievalError",
        "MissingDependencyException",
        "NoAuthTokenError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "RefreshWithMFAUnsupportedError",
        "SSOError",
        "TokenRetrievalError",
        "UnknownCredentialError",
        "UnknownTokenProviderError",
    ),
}
_BY_CODE = {code: fault for fault, codes in CODES.items() for code in codes}
_BY_CLASS = {name: fault for fault, names in CLASSES.items() for name in names}
#: What a status says where the code says nothing.
_BY_STATUS = {401: Fault.AUTH, 403: Fault.AUTH, 429: Fault.RETRYABLE}
_SERVER_ERROR = 500


def named(code: str) -> Fault | None:
    """Return the fault that a code names; None: it is not known."""
    return _BY_CODE.get(code)


def answered(error: ClientError) -> Fault | None:
    """Return the fault that an answer names by code or status; None: neither is known."""
    code = error.response["Error"].get("Code", "")
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    by_status = Fault.AMBIGUOUS if status >= _SERVER_ERROR else _BY_STATUS.get(status)
    return named(code) or by_status


def unanswered(error: BotoCoreError, service: str) -> tuple[Fault, str]:
    """Return the fault of a call to `service` that has no answer, and one line on it."""
    ancestry = (kind.__name__ for kind in type(error).__mro__)
    known = (_BY_CLASS[name] for name in ancestry if name in _BY_CLASS)
    fault = next(known, Fault.BAD_REQUEST)
    if fault is Fault.AUTH:
        return fault, (
            f"no AWS credentials can be used: {error}. Sign in, for example with aws sso"
            " login"
        )
    if fault is Fault.BAD_REQUEST:
        return fault, str(error)
    return fault, f"{service} cannot be reached: {error}"
