"""The local S3's front: every request it knows, and a clear answer to the others."""

import uuid
from collections.abc import Mapping

from werkzeug.wrappers import Request, Response

from slipway.sagemaker.service_model import operation_model, operation_names
from slipway.sagemaker_local.s3 import (
    bucket_operations,
    list_operations,
    object_operations,
    upload_operations,
)
from slipway.sagemaker_local.s3.documents import answer, element
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.headers import check_supported
from slipway.sagemaker_local.s3.request import Operation, S3Request, Stores, parse

#: Operations by method, by what is addressed, and by the subresource of the query
#: (`copy` stands for the header x-amz-copy-source).
OPERATIONS: Mapping[tuple[str, str, str], Operation] = {
    ("GET", "service", ""): bucket_operations.list_buckets,
    ("PUT", "bucket", ""): bucket_operations.create_bucket,
    ("HEAD", "bucket", ""): bucket_operations.head_bucket,
    ("DELETE", "bucket", ""): bucket_operations.delete_bucket,
    ("GET", "bucket", "location"): bucket_operations.get_bucket_location,
    ("GET", "bucket", ""): list_operations.list_objects,
    ("GET", "bucket", "list-type"): list_operations.list_objects_v2,
    ("POST", "bucket", "delete"): object_operations.delete_objects,
    ("PUT", "object", ""): object_operations.put_object,
    ("PUT", "object", "copy"): object_operations.copy_object,
    ("GET", "object", ""): object_operations.get_object,
    ("HEAD", "object", ""): object_operations.head_object,
    ("DELETE", "object", ""): object_operations.delete_object,
    ("POST", "object", "uploads"): upload_operations.create_multipart_upload,
    ("PUT", "object", "partNumber uploadId"): upload_operations.upload_part,
    ("PUT", "object", "partNumber uploadId copy"): upload_operations.upload_part_copy,
    ("POST", "object", "uploadId"): upload_operations.complete_multipart_upload,
    ("DELETE", "object", "uploadId"): upload_operations.abort_multipart_upload,
    ("GET", "object", "uploadId"): upload_operations.list_parts,
}
#: Query parameters that are arguments or signatures, not subresources.
_ARGUMENTS = frozenset(
    (
        "awsaccesskeyid",
        "bucket-region",
        "continuation-token",
        "delimiter",
        "encoding-type",
        "expires",
        "fetch-owner",
        "marker",
        "max-keys",
        "max-parts",
        "part-number-marker",
        "prefix",
        "signature",
        "start-after",
        "x-id",
    )
)
_ARGUMENT_PREFIXES = ("x-amz-", "response-")


class S3App:
    """Answers S3 requests from a store."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def __call__(self, raw: Request, region: str) -> Response:
        """Return the answer to one request, in S3's form whatever happens."""
        request_id = uuid.uuid4().hex[:16].upper()
        try:
            request = parse(raw, region)
            operation = _operation(request)
            check_supported(request.headers)
            response = operation(self._stores, request)
        except S3Error as error:
            response = _refusal(error, raw, request_id)
        response.headers["x-amz-request-id"] = request_id
        return response


def asked_operation(raw: Request, region: str) -> tuple[str, str]:
    """Return AWS's name of what is asked, and `bucket/key`; empty for neither."""
    try:
        request = parse(raw, region)
        name = _name_of(_operation(request))
    except S3Error:
        return "", ""
    return name, f"{request.bucket}/{request.key}".strip("/")


def supported_operations() -> list[str]:
    """Return the name of every operation, as AWS writes it."""
    return sorted(_name_of(operation) for operation in OPERATIONS.values())


def _name_of(operation: Operation) -> str:
    return "".join(word.capitalize() for word in operation.__name__.split("_"))


def _operation(request: S3Request) -> Operation:
    addressed = "object" if request.key else "bucket" if request.bucket else "service"
    names = sorted(name for name in request.query if not _is_argument(name))
    if "x-amz-copy-source" in request.headers:
        names.append("copy")
    found = OPERATIONS.get((request.method, addressed, " ".join(names)))
    if found is None:
        hint = f"Supported: {', '.join(supported_operations())}"
        raise S3Error(Code.NOT_IMPLEMENTED, what=_asked(request), hint=hint)
    return found


def _is_argument(name: str) -> bool:
    lower = name.lower()
    return lower in _ARGUMENTS or lower.startswith(_ARGUMENT_PREFIXES)


def _asked(request: S3Request) -> str:
    """Name what was asked for by AWS's name, where botocore knows one."""
    path = "/{Bucket}/{Key+}" if request.key else "/{Bucket}" if request.bucket else "/"
    query = {name for name in request.query if not _is_argument(name)}
    for name in sorted(operation_names("s3")):
        http = operation_model("s3", name).http
        template, _, fixed = http["requestUri"].partition("?")
        wanted = {part.partition("=")[0] for part in fixed.split("&")} - {"", "x-id"}
        if (http["method"], template, wanted) == (request.method, path, query):
            return name
    shown = "&".join(sorted(query))
    return f"{request.method} {path}{'?' if shown else ''}{shown}"


def _refusal(error: S3Error, raw: Request, request_id: str) -> Response:
    if raw.method == "HEAD":
        return Response(status=error.status)
    details = [
        element(name, value)
        for name, value in error.details.items()
        if name[:1].isupper()
    ]
    fields = [
        element("Code", error.code),
        element("Message", str(error)),
        *details,
        element("Resource", raw.path),
        element("RequestId", request_id),
    ]
    return answer(element("Error", fields), error.status)
