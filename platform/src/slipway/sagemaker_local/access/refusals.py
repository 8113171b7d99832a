"""What a caller is told whose signature does not hold, in each service's words."""

from collections.abc import Mapping
from enum import StrEnum

from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.refusals import QUERY


class Cause(StrEnum):
    """Why a signature does not hold."""

    UNKNOWN_KEY = "unknown key"
    MISMATCH = "mismatch"
    SKEWED = "skewed"
    EXPIRED = "expired"
    INCOMPLETE = "incomplete"
    UNSIGNED_HEADER = "unsigned header"
    PAYLOAD = "payload"
    TOO_LARGE = "too large"
    UNSUPPORTED = "unsupported"


_CALCULATED = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your {what} and signing method."
)
_CONSULT = " Consult the service documentation for details."
_S3: Mapping[Cause, tuple[str, str, int]] = {
    Cause.UNKNOWN_KEY: (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
    ),
    Cause.MISMATCH: ("SignatureDoesNotMatch", _CALCULATED.format(what="key"), 403),
    Cause.SKEWED: (
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        403,
    ),
    Cause.EXPIRED: ("AccessDenied", "Request has expired", 403),
    Cause.INCOMPLETE: (
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; {detail}",
        400,
    ),
    Cause.UNSIGNED_HEADER: (
        "AccessDenied",
        "There were headers present in the request which were not signed: {detail}",
        403,
    ),
    Cause.UNSUPPORTED: (
        "InvalidRequest",
        (
            "The authorization mechanism you have provided is not supported. Please "
            "use AWS4-HMAC-SHA256. ({detail})"
        ),
        400,
    ),
}
_OTHERS: Mapping[Cause, tuple[str, str, int]] = {
    Cause.SKEWED: (
        "SignatureDoesNotMatch",
        "Signature expired: the request is dated {detail}",
        403,
    ),
    Cause.EXPIRED: ("RequestExpired", "Request has expired", 400),
    Cause.INCOMPLETE: ("IncompleteSignature", "{detail}", 400),
    Cause.UNSIGNED_HEADER: (
        "SignatureDoesNotMatch",
        "'{detail}' must be a 'SignedHeader' in the AWS Authorization.",
        403,
    ),
    Cause.PAYLOAD: ("SignatureDoesNotMatch", "The body is not the signed one", 403),
    Cause.TOO_LARGE: (
        "RequestEntityTooLargeException",
        "The request is larger than {detail} bytes",
        413,
    ),
    Cause.UNSUPPORTED: ("IncompleteSignature", "{detail} is not supported", 400),
}
_QUERY: Mapping[Cause, tuple[str, str, int]] = {
    Cause.UNKNOWN_KEY: (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        403,
    ),
    Cause.MISMATCH: (
        "SignatureDoesNotMatch",
        _CALCULATED.format(what="AWS Secret Access Key") + _CONSULT,
        403,
    ),
}
_JSON: Mapping[Cause, tuple[str, str, int]] = {
    Cause.UNKNOWN_KEY: (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
    ),
    Cause.MISMATCH: (
        "InvalidSignatureException",
        _CALCULATED.format(what="AWS Secret Access Key") + _CONSULT,
        403,
    ),
}


def denied(service: str, cause: Cause, detail: str = "") -> AwsError:
    """Return the refusal of a request by its service and cause."""
    own = _S3 if service == "s3" else _QUERY if service in QUERY else _JSON
    code, text, status = {**_OTHERS, **own}[cause]
    if own is _JSON and code == "SignatureDoesNotMatch":
        code = "InvalidSignatureException"
    return AwsError(code, text.format(detail=detail), status)
