"""Operations that list objects."""

import base64
import binascii
from urllib.parse import quote
from xml.etree.ElementTree import Element  # for making XML only

from werkzeug.wrappers import Response

from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.documents import answer, element, iso
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.listing import Page, page
from slipway.sagemaker_local.s3.request import S3Request, Stores

LARGEST_PAGE = 1000


def list_objects_v2(stores: Stores, request: S3Request) -> Response:
    """ListObjectsV2."""
    query = request.query
    token = query.get("continuation-token")
    after = query.get("start-after") if token is None else _after(token)
    found, limit = _page(stores, request, after or None)
    entries = _entries(request, found, owner=query.get("fetch-owner") == "true")
    count = len(found.objects) + len(found.common_prefixes)
    head = [*_echo(request, limit), element("KeyCount", count)]
    if token is not None:
        head.append(element("ContinuationToken", token))
    if "start-after" in query:
        head.append(element("StartAfter", _text(request, query["start-after"])))
    head.append(element("IsTruncated", found.last is not None))
    if found.last is not None:
        head.append(element("NextContinuationToken", _token(found.last)))
    return answer(element("ListBucketResult", head + entries))


def list_objects(stores: Stores, request: S3Request) -> Response:
    """ListObjects, the first version."""
    marker = request.query.get("marker", "")
    found, limit = _page(stores, request, marker or None)
    head = [*_echo(request, limit), element("Marker", _text(request, marker))]
    head.append(element("IsTruncated", found.last is not None))
    if found.last is not None and request.query.get("delimiter"):
        head.append(element("NextMarker", _text(request, found.last)))
    entries = _entries(request, found, owner=True)
    return answer(element("ListBucketResult", head + entries))


def _page(stores: Stores, request: S3Request, after: str | None) -> tuple[Page, int]:
    stores.objects.bucket(request.bucket)
    encoding = request.query.get("encoding-type", "url")
    if encoding != "url":
        reason = "Invalid Encoding Method specified in Request"
        raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
    limit = min(request.number("max-keys", LARGEST_PAGE), LARGEST_PAGE)
    found = page(
        stores.objects.catalogue,
        request.bucket,
        prefix=request.query.get("prefix", ""),
        delimiter=request.query.get("delimiter", ""),
        after=after,
        limit=limit,
    )
    return found, limit


def _echo(request: S3Request, limit: int) -> list[Element]:
    query = request.query
    echoed = [
        element("Name", request.bucket),
        element("Prefix", _text(request, query.get("prefix", ""))),
        element("MaxKeys", limit),
    ]
    if "delimiter" in query:
        echoed.append(element("Delimiter", _text(request, query["delimiter"])))
    if "encoding-type" in query:
        echoed.append(element("EncodingType", query["encoding-type"]))
    return echoed


def _entries(request: S3Request, found: Page, *, owner: bool) -> list[Element]:
    entries = []
    for stored in found.objects:
        fields = [
            element("Key", _text(request, stored.key)),
            element("LastModified", iso(stored.modified_at)),
            element("ETag", f'"{stored.etag}"'),
            *_checksum_kinds(stored),
            element("Size", stored.size),
            element("StorageClass", "STANDARD"),
        ]
        if owner:
            fields.append(element("Owner", [element("ID", ACCOUNT)]))
        entries.append(element("Contents", fields))
    for prefix in found.common_prefixes:
        text = _text(request, prefix)
        entries.append(element("CommonPrefixes", [element("Prefix", text)]))
    return entries


def _checksum_kinds(stored: StoredObject) -> list[Element]:
    """Return which checksums an object has; a listing does not tell their values."""
    return [
        element("ChecksumType", value)
        if name == "type"
        else element("ChecksumAlgorithm", name.upper())
        for name, value in stored.checksums.items()
    ]


def _text(request: S3Request, text: str) -> str:
    return quote(text, safe="/") if "encoding-type" in request.query else text


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode("ascii")).decode()
    except (binascii.Error, UnicodeError) as error:
        reason = "The continuation token provided is incorrect"
        raise S3Error(Code.INVALID_ARGUMENT, reason=reason) from error
