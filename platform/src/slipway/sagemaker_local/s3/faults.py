"""Every error that the local S3 answers, in S3's words."""

from collections.abc import Mapping
from enum import StrEnum

from slipway.errors import SlipwayError


class Code(StrEnum):
    """S3's word for what is wrong."""

    ACCESS_DENIED = "AccessDenied"
    BAD_DIGEST = "BadDigest"
    BUCKET_ALREADY_OWNED_BY_YOU = "BucketAlreadyOwnedByYou"
    BUCKET_NOT_EMPTY = "BucketNotEmpty"
    ENTITY_TOO_SMALL = "EntityTooSmall"
    ILLEGAL_LOCATION = "IllegalLocationConstraintException"
    INCOMPLETE_BODY = "IncompleteBody"
    INSUFFICIENT_STORAGE = "InsufficientStorage"
    INVALID_ARGUMENT = "InvalidArgument"
    INVALID_BUCKET_NAME = "InvalidBucketName"
    INVALID_DIGEST = "InvalidDigest"
    INVALID_PART = "InvalidPart"
    INVALID_PART_ORDER = "InvalidPartOrder"
    INVALID_RANGE = "InvalidRange"
    INVALID_REQUEST = "InvalidRequest"
    INVALID_URI = "InvalidURI"
    KEY_TOO_LONG = "KeyTooLongError"
    MALFORMED_XML = "MalformedXML"
    METADATA_TOO_LARGE = "MetadataTooLarge"
    METHOD_NOT_ALLOWED = "MethodNotAllowed"
    NO_SUCH_BUCKET = "NoSuchBucket"
    NO_SUCH_KEY = "NoSuchKey"
    NO_SUCH_UPLOAD = "NoSuchUpload"
    NOT_IMPLEMENTED = "NotImplemented"
    PRECONDITION_FAILED = "PreconditionFailed"
    CONTENT_SHA256_MISMATCH = "XAmzContentSHA256Mismatch"


#: HTTP status and message of each code. NotImplemented is 501 on AWS; 400 here,
#: so that no client takes it for an outage and tries again.
ANSWERS: Mapping[Code, tuple[int, str]] = {
    Code.ACCESS_DENIED: (403, "Access Denied"),
    Code.BAD_DIGEST: (400, "The {name} you specified did not match {what}."),
    Code.BUCKET_ALREADY_OWNED_BY_YOU: (
        409,
        (
            "Your previous request to create the named bucket succeeded and you "
            "already own it."
        ),
    ),
    Code.BUCKET_NOT_EMPTY: (409, "The bucket you tried to delete is not empty"),
    Code.ENTITY_TOO_SMALL: (
        400,
        "Your proposed upload is smaller than the minimum allowed size",
    ),
    Code.ILLEGAL_LOCATION: (
        400,
        (
            "The {constraint} location constraint is incompatible for the region "
            "specific endpoint this request was sent to."
        ),
    ),
    Code.INCOMPLETE_BODY: (
        400,
        (
            "You did not provide the number of bytes specified by the Content-Length "
            "HTTP header"
        ),
    ),
    Code.INSUFFICIENT_STORAGE: (
        507,
        (
            "No space is left for {what} in the server's state folder. Free some space "
            "and send the request again; nothing of it was stored."
        ),
    ),
    Code.INVALID_ARGUMENT: (400, "{reason}"),
    Code.INVALID_BUCKET_NAME: (400, "The specified bucket is not valid."),
    Code.INVALID_DIGEST: (400, "The Content-MD5 you specified is not valid."),
    Code.INVALID_PART: (
        400,
        (
            "One or more of the specified parts could not be found. The part may not "
            "have been uploaded, or the specified entity tag may not match the part's "
            "entity tag."
        ),
    ),
    Code.INVALID_PART_ORDER: (
        400,
        (
            "The list of parts was not in ascending order. Parts must be ordered by "
            "part number."
        ),
    ),
    Code.INVALID_RANGE: (416, "The requested range is not satisfiable"),
    Code.INVALID_REQUEST: (400, "{reason}"),
    Code.INVALID_URI: (400, "Couldn't parse the specified URI."),
    Code.KEY_TOO_LONG: (400, "Your key is too long"),
    Code.MALFORMED_XML: (
        400,
        (
            "The XML you provided was not well-formed or did not validate against our "
            "published schema"
        ),
    ),
    Code.METADATA_TOO_LARGE: (
        400,
        "Your metadata headers exceed the maximum allowed metadata size",
    ),
    Code.METHOD_NOT_ALLOWED: (
        405,
        "The specified method is not allowed against this resource.",
    ),
    Code.NO_SUCH_BUCKET: (404, "The specified bucket does not exist"),
    Code.NO_SUCH_KEY: (404, "The specified key does not exist."),
    Code.NO_SUCH_UPLOAD: (
        404,
        (
            "The specified upload does not exist. The upload ID may be invalid, or the "
            "upload may have been aborted or completed."
        ),
    ),
    Code.NOT_IMPLEMENTED: (400, "The local S3 does not support {what}. {hint}"),
    Code.PRECONDITION_FAILED: (
        412,
        "At least one of the pre-conditions you specified did not hold",
    ),
    Code.CONTENT_SHA256_MISMATCH: (
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}


class S3Error(SlipwayError):
    """The local S3 refuses a request; carries S3's code, status and details."""

    def __init__(self, code: Code, **details: str) -> None:
        self.code = code
        self.status, text = ANSWERS[code]
        self.details = details
        super().__init__(text.format_map(details))


class NoSuchKeyError(S3Error, LookupError):
    """There is no object of this key."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(Code.NO_SUCH_KEY, BucketName=bucket, Key=key)
