"""Operations on multipart uploads."""

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.s3.body import Produced, pieces
from slipway.sagemaker_local.s3.conditions import Conditions
from slipway.sagemaker_local.s3.copies import copied_source
from slipway.sagemaker_local.s3.documents import (
    answer,
    checksum_elements,
    checksums_named,
    element,
    iso,
    parsed,
    texts,
)
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.headers import (
    checksum_headers,
    checksums_given,
    stored_headers,
    wanted_checksum,
)
from slipway.sagemaker_local.s3.multipart import Completion, NamedPart, Upload
from slipway.sagemaker_local.s3.ranges import copied_span
from slipway.sagemaker_local.s3.request import S3Request, Stores

LARGEST_PAGE = 1000


def create_multipart_upload(stores: Stores, request: S3Request) -> Response:
    """CreateMultipartUpload."""
    checksums = wanted_checksum(request.headers)
    upload = stores.uploads.begin(
        request.bucket,
        request.key,
        headers=stored_headers(request.headers),
        checksums=checksums,
    )
    fields = [
        element("Bucket", upload.bucket),
        element("Key", upload.key),
        element("UploadId", upload.id),
    ]
    response = answer(element("InitiateMultipartUploadResult", fields))
    if checksums:
        response.headers["x-amz-checksum-algorithm"] = checksums["algorithm"].upper()
        response.headers["x-amz-checksum-type"] = checksums["type"]
    return response


def upload_part(stores: Stores, request: S3Request) -> Response:
    """UploadPart."""
    upload = _upload(stores, request)
    number = request.number("partNumber", 0)
    part = stores.uploads.put_part(upload, number, request.body())
    headers = {"ETag": f'"{part.etag}"', **checksum_headers(part.checksums)}
    return Response(status=200, headers=headers)


def upload_part_copy(stores: Stores, request: S3Request) -> Response:
    """UploadPartCopy: a range of an object as a part."""
    upload = _upload(stores, request)
    source = copied_source(stores.objects, request)
    text = request.headers.get("x-amz-copy-source-range")
    span = copied_span(text, source.size)
    stored, file = stores.objects.open(source.bucket, source.key)
    with file:
        if stored.etag != source.etag:
            raise S3Error(Code.PRECONDITION_FAILED)
        file.seek(span.start)
        algorithm = upload.checksums.get("algorithm")
        content = Produced(pieces(file, span.length), algorithm)
        number = request.number("partNumber", 0)
        part = stores.uploads.put_part(upload, number, content)
    fields = [
        element("LastModified", iso(part.modified_at)),
        element("ETag", f'"{part.etag}"'),
        *checksum_elements(part.checksums),
    ]
    return answer(element("CopyPartResult", fields))


def complete_multipart_upload(stores: Stores, request: S3Request) -> Response:
    """CompleteMultipartUpload."""
    upload = _upload(stores, request)
    root = parsed(request.document(checked=False), "CompleteMultipartUpload")
    named = []
    for part in root.iter("Part"):
        number, etag = (
            next(texts(part, "PartNumber"), ""),
            next(texts(part, "ETag"), ""),
        )
        if not number.isascii() or not number.isdigit():
            raise S3Error(Code.MALFORMED_XML)
        named.append(
            NamedPart(int(number), etag.strip().strip('"'), checksums_named(part))
        )
    completion = Completion(
        named,
        Conditions.of(request.headers),
        checksums_given(request.headers),
        _object_size(request.headers),
    )
    stored = stores.uploads.complete(upload, completion)
    fields = [
        element("Location", f"{request.raw.host_url}{stored.bucket}/{stored.key}"),
        element("Bucket", stored.bucket),
        element("Key", stored.key),
        element("ETag", f'"{stored.etag}"'),
        *checksum_elements(stored.checksums),
    ]
    return answer(element("CompleteMultipartUploadResult", fields))


def abort_multipart_upload(stores: Stores, request: S3Request) -> Response:
    """AbortMultipartUpload."""
    stores.uploads.abort(_upload(stores, request))
    return Response(status=204)


def list_parts(stores: Stores, request: S3Request) -> Response:
    """ListParts."""
    upload = _upload(stores, request)
    after = request.number("part-number-marker", 0)
    limit = min(request.number("max-parts", LARGEST_PAGE), LARGEST_PAGE)
    later = [part for part in stores.uploads.parts(upload) if part.number > after]
    shown = later[:limit]
    fields = [
        element("Bucket", upload.bucket),
        element("Key", upload.key),
        element("UploadId", upload.id),
        element("PartNumberMarker", after),
        element("NextPartNumberMarker", shown[-1].number if shown else 0),
        element("MaxParts", limit),
        element("IsTruncated", len(later) > limit),
        element("Initiator", [element("ID", ACCOUNT)]),
        element("Owner", [element("ID", ACCOUNT)]),
        element("StorageClass", "STANDARD"),
    ]
    for part in shown:
        row = [
            element("PartNumber", part.number),
            element("LastModified", iso(part.modified_at)),
            element("ETag", f'"{part.etag}"'),
            element("Size", part.size),
            *checksum_elements(part.checksums),
        ]
        fields.append(element("Part", row))
    return answer(element("ListPartsResult", fields))


def _object_size(headers: Headers) -> int | None:
    """Return how large the caller says that the object is."""
    text = headers.get("x-amz-mp-object-size")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        reason = f"Value for x-amz-mp-object-size header is invalid: '{text}'"
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    return int(text)


def _upload(stores: Stores, request: S3Request) -> Upload:
    stores.objects.bucket(request.bucket)
    upload_id = request.query.get("uploadId", "")
    return stores.uploads.get(request.bucket, request.key, upload_id)
