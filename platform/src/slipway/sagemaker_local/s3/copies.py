"""The source of a copy."""

from dataclasses import replace
from urllib.parse import unquote

from slipway.sagemaker_local.s3.body import Produced, pieces
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.checksums import DEFAULT
from slipway.sagemaker_local.s3.conditions import Conditions
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.headers import stored_headers
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.s3.request import S3Request


def copied_source(store: ObjectStore, request: S3Request) -> StoredObject:
    """Return the object that `x-amz-copy-source` names, if its conditions hold."""
    path, _, version = request.headers["x-amz-copy-source"].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if version:
        what = "versions of objects in a copy"
        raise S3Error(Code.NOT_IMPLEMENTED, what=what, hint="Omit versionId.")
    if not bucket or not key:
        reason = "Copy Source must mention the source bucket and key: bucket/key"
        raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
    source = store.head(bucket, key)
    conditions = Conditions.of(request.headers, prefix="x-amz-copy-source-")
    if not conditions.allows_read(source):
        raise S3Error(Code.PRECONDITION_FAILED)
    return source


def summed_up(
    store: ObjectStore, request: S3Request, source: StoredObject
) -> StoredObject:
    """Return the source with the checksum and ETag of a copy: of the whole, always."""
    known = source.checksums
    default = next((name for name in known if name != "type"), DEFAULT)
    algorithm = request.headers.get("x-amz-checksum-algorithm", default).lower()
    in_parts = "-" in source.etag
    if known.get("type") == "FULL_OBJECT" and algorithm in known and not in_parts:
        return source
    stored, file = store.open(source.bucket, source.key)
    with file:
        if stored.etag != source.etag:
            raise S3Error(Code.PRECONDITION_FAILED)
        content = Produced(pieces(file, stored.size), algorithm)
        for _ in content.pieces():
            pass
    checksums = {**content.checksums, "type": "FULL_OBJECT"}
    return replace(stored, etag=content.etag, checksums=checksums)


def replacing_headers(request: S3Request, source: StoredObject) -> dict[str, str]:
    """Return the headers of the copy: the source's, or the request's."""
    directive = request.headers.get("x-amz-metadata-directive", "COPY")
    if directive == "REPLACE":
        return stored_headers(request.headers)
    if directive != "COPY":
        raise S3Error(Code.INVALID_ARGUMENT, reason="Unknown metadata directive.")
    if (source.bucket, source.key) == (request.bucket, request.key):
        reason = (
            "This copy request is illegal because it is trying to copy an object to "
            "itself without changing the object's metadata, storage class, website "
            "redirect location or encryption attributes."
        )
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    return dict(source.headers)
