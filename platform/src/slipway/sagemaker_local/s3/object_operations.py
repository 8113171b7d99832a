"""Operations on objects."""

import re
from collections.abc import Mapping
from typing import BinaryIO

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from slipway.sagemaker_local.s3.checksums import DEFAULT
from slipway.sagemaker_local.s3.conditions import Conditions
from slipway.sagemaker_local.s3.copies import (
    copied_source,
    replacing_headers,
    summed_up,
)
from slipway.sagemaker_local.s3.documents import (
    answer,
    checksum_elements,
    element,
    iso,
    parsed,
    texts,
)
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.headers import (
    checksum_headers,
    object_headers,
    stored_headers,
)
from slipway.sagemaker_local.s3.ranges import Span, requested_span
from slipway.sagemaker_local.s3.request import S3Request, Stores

#: What a presigned URL may ask the answer to say.
OVERRIDES: Mapping[str, str] = {
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-content-type": "Content-Type",
    "response-expires": "Expires",
}
MOST_DELETIONS = 1000


def put_object(stores: Stores, request: S3Request) -> Response:
    """PutObject."""
    stored = stores.objects.put(
        request.bucket,
        request.key,
        request.body(DEFAULT),
        headers=stored_headers(request.headers),
        conditions=Conditions.of(request.headers),
    )
    headers = {"ETag": f'"{stored.etag}"', **checksum_headers(stored.checksums)}
    return Response(status=200, headers=headers)


def get_object(stores: Stores, request: S3Request) -> Response:
    """GetObject, whole or a range."""
    stored, file = stores.objects.open(request.bucket, request.key)
    try:
        unchanged = not Conditions.of(request.headers).allows_read(stored)
        span = None if unchanged else requested_span(request.headers, stored)
    except S3Error:
        file.close()
        raise
    if span is None:
        file.close()
        return Response(status=304, headers=object_headers(stored))
    headers = _described(request, object_headers(stored, checksums=_asks(request)))
    return _content(request, file, headers=headers, span=span)


def head_object(stores: Stores, request: S3Request) -> Response:
    """HeadObject."""
    stored = stores.objects.head(request.bucket, request.key)
    if not Conditions.of(request.headers).allows_read(stored):
        return Response(status=304, headers=object_headers(stored))
    headers = _described(request, object_headers(stored, checksums=_asks(request)))
    span = requested_span(request.headers, stored)
    _measure(headers, span)
    return Response(status=206 if span.partial else 200, headers=headers)


def copy_object(stores: Stores, request: S3Request) -> Response:
    """CopyObject."""
    source = copied_source(stores.objects, request)
    headers = replacing_headers(request, source)
    stored = stores.objects.copy(
        summed_up(stores.objects, request, source),
        request.bucket,
        request.key,
        headers=headers,
        conditions=Conditions.of(request.headers),
    )
    fields = [
        element("LastModified", iso(stored.modified_at)),
        element("ETag", f'"{stored.etag}"'),
        *checksum_elements(stored.checksums),
    ]
    return answer(element("CopyObjectResult", fields))


def delete_object(stores: Stores, request: S3Request) -> Response:
    """DeleteObject."""
    conditions = Conditions.of(request.headers)
    stores.objects.delete(request.bucket, request.key, conditions)
    return Response(status=204)


def delete_objects(stores: Stores, request: S3Request) -> Response:
    """DeleteObjects: up to 1000 keys."""
    root = parsed(request.document(), "Delete")
    keys = list(texts(root, "Key"))
    if not 1 <= len(keys) <= MOST_DELETIONS:
        raise S3Error(Code.MALFORMED_XML)
    if any(True for _ in root.iter("VersionId")):
        what = "versions of objects in DeleteObjects"
        raise S3Error(Code.NOT_IMPLEMENTED, what=what, hint="Omit VersionId.")
    for key in keys:
        stores.objects.delete(request.bucket, key)
    quiet = next(texts(root, "Quiet"), "").lower() == "true"
    deleted = [element("Deleted", [element("Key", key)]) for key in keys]
    return answer(element("DeleteResult", [] if quiet else deleted))


def _content(
    request: S3Request, file: BinaryIO, *, headers: Headers, span: Span
) -> Response:
    """Return a file from `span.start` on; the server stops at Content-Length."""
    file.seek(span.start)
    _measure(headers, span)
    body = wrap_file(request.raw.environ, file, buffer_size=256 * 1024)
    return Response(
        body,
        206 if span.partial else 200,
        headers,
        direct_passthrough=True,
    )


def _measure(headers: Headers, span: Span) -> None:
    """Say how much of an object an answer is about; a part of it has no checksum."""
    headers["Content-Length"] = str(span.length)
    if span.partial:
        headers["Content-Range"] = span.content_range
        for name in [name for name, _ in headers if _is_checksum(name)]:
            headers.remove(name)


def _described(request: S3Request, headers: Headers) -> Headers:
    for parameter, name in OVERRIDES.items():
        if parameter in request.query:
            headers[name] = re.sub(r"[\r\n]", " ", request.query[parameter])
    return headers


def _asks(request: S3Request) -> bool:
    return request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"


def _is_checksum(name: str) -> bool:
    return name.lower().startswith("x-amz-checksum-")
