"""The headers of S3 that are stored, returned or refused."""

from collections.abc import Mapping
from typing import get_args

from werkzeug.datastructures import Headers

from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.checksums import HEADER, Kind, algorithm_named
from slipway.sagemaker_local.s3.documents import http
from slipway.sagemaker_local.s3.faults import Code, S3Error

#: Kept with an object and returned with it.
STORED = (
    "Content-Type",
    "Content-Encoding",
    "Content-Language",
    "Content-Disposition",
    "Cache-Control",
    "Expires",
)
META = "x-amz-meta-"
#: Read somewhere, or of no meaning on a laptop.
KNOWN = (
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-source-expected-bucket-owner",
    "x-amz-te",
    "x-amz-trailer",
    "x-amz-user-agent",
    META,
    HEADER,
)
#: Headers of which some values say what is so anyway.
NEUTRAL: Mapping[str, tuple[str, ...]] = {
    "x-amz-acl": ("private", "bucket-owner-full-control"),
    "x-amz-object-ownership": ("BucketOwnerEnforced",),
    "x-amz-storage-class": ("STANDARD",),
}
LARGEST_METADATA = 2048
BINARY = "binary/octet-stream"


def check_supported(headers: Headers) -> None:
    """Refuse a header that asks for what this server does not do."""
    for name, value in headers.items():
        lower = name.lower()
        neutral = NEUTRAL.get(lower, ())
        if not lower.startswith("x-amz-") or lower.startswith(KNOWN):
            continue
        if value not in neutral:
            hint = f"Supported values: {', '.join(neutral)}" if neutral else "Omit it."
            what = f"the header '{lower}: {value}'"
            raise S3Error(Code.NOT_IMPLEMENTED, what=what, hint=hint)
    owner = headers.get("x-amz-expected-bucket-owner", ACCOUNT)
    if owner != ACCOUNT:
        raise S3Error(Code.ACCESS_DENIED)


def stored_headers(headers: Headers) -> dict[str, str]:
    """Return what is kept with an object."""
    kept = {name: headers[name] for name in STORED if name in headers}
    kept.setdefault("Content-Type", BINARY)
    if "Content-Encoding" in kept:
        codings = [coding.strip() for coding in kept["Content-Encoding"].split(",")]
        kept["Content-Encoding"] = ",".join(c for c in codings if c != "aws-chunked")
    kept = {name: value for name, value in kept.items() if value}
    metadata = {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith(META)
    }
    size = sum(len(name) - len(META) + len(value) for name, value in metadata.items())
    if size > LARGEST_METADATA:
        raise S3Error(Code.METADATA_TOO_LARGE)
    return kept | metadata


def object_headers(stored: StoredObject, *, checksums: bool = False) -> Headers:
    """Return the headers of an answer that carries an object or describes it."""
    headers = Headers(list(stored.headers.items()))
    headers["ETag"] = f'"{stored.etag}"'
    headers["Last-Modified"] = http(stored.modified_at)
    headers["Accept-Ranges"] = "bytes"
    if checksums:
        headers.extend(checksum_headers(stored.checksums))
    return headers


def checksum_headers(checksums: Mapping[str, str]) -> dict[str, str]:
    """Return checksums as headers; `type` is their neighbour in the catalogue."""
    return {HEADER + name: value for name, value in checksums.items()}


def checksums_given(headers: Headers) -> dict[str, str]:
    """Return the checksums of an object that a request names, as the catalogue has them.

    An algorithm that is not here is S3Error NotImplemented.
    """
    given = {
        name.lower().removeprefix(HEADER): value
        for name, value in headers.items()
        if name.lower().startswith(HEADER)
    }
    kind = given.pop("type", None)
    for name in given:
        algorithm_named(name)
    return given if kind is None else {**given, "type": kind.upper()}


def wanted_checksum(headers: Headers) -> dict[str, str]:
    """Return algorithm and type that CreateMultipartUpload asks for."""
    algorithm = headers.get("x-amz-checksum-algorithm")
    kind = headers.get("x-amz-checksum-type")
    if algorithm is None:
        if kind is None:
            return {}
        reason = (
            "The x-amz-checksum-type header can only be used with the "
            "x-amz-checksum-algorithm header."
        )
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    kinds = algorithm_named(algorithm).kinds
    wanted = kinds[0] if kind is None else kind.upper()
    if wanted not in get_args(Kind):
        reason = "Value for x-amz-checksum-type header is invalid."
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    if wanted not in kinds:
        reason = (
            f"The {wanted} checksum type cannot be used with the {algorithm.lower()} "
            "checksum algorithm."
        )
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    return {"algorithm": algorithm.lower(), "type": wanted}
