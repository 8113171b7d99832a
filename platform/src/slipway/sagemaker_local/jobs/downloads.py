"""A job's inputs, from S3 to its folders."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from slipway.errors import InvalidRequestError
from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.executors.contract import Entry
from slipway.sagemaker_local.jobs.plan import Input, JobFaultError, Plan
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore

PIECE = 256 * 1024


def entries(store: ObjectStore, plan: Plan) -> Iterator[Entry]:
    """Yield every folder and file that a job finds."""
    for folder in plan.folders:
        yield Entry(folder)
    for path, content in plan.files.items():
        yield Entry(path, iter((content,)), len(content))
    for source in plan.inputs:
        yield from _downloaded(store, source)


def address(uri: str) -> S3Uri:
    """Return an S3 address; SageMaker lets the slash after a bucket be missing."""
    bucket_only = uri.count("/") == 2
    try:
        return S3Uri.parse(f"{uri}/" if bucket_only else uri)
    except InvalidRequestError as error:
        message = f"ClientError: {error}"
        raise JobFaultError(message) from error


def relative_path(key: str, prefix: str) -> str:
    """Return where a key goes below its input's folder.

    The prefix may be a folder with or without its slash, an object's own key, or the
    beginning of names.
    """
    if prefix.endswith("/") or not prefix:
        return key[len(prefix) :]
    if key.startswith(f"{prefix}/"):
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def _downloaded(store: ObjectStore, source: Input) -> Iterator[Entry]:
    uri = address(source.uri)
    found = False
    yield Entry(source.folder)
    for stored in _listed(store, uri, source):
        path = relative_path(stored.key, uri.key)
        if stored.key.endswith("/") or not path:
            continue
        found = True
        size, file = _opened(store, stored, source)
        with file:
            content = iter(partial(file.read, PIECE), b"")
            yield Entry(f"{source.folder.rstrip('/')}/{path}", content, size)
    if not found:
        raise _nothing(source)


def _listed(store: ObjectStore, uri: S3Uri, source: Input) -> Iterator[StoredObject]:
    try:
        yield from store.objects(uri.bucket, uri.key)
    except S3Error as error:
        raise _nothing(source) from error


def _opened(
    store: ObjectStore, stored: StoredObject, source: Input
) -> tuple[int, BinaryIO]:
    try:
        current, file = store.open(stored.bucket, stored.key)
    except S3Error as error:
        raise _nothing(source) from error
    return current.size, file


def _nothing(source: Input) -> JobFaultError:
    message = (
        f'ClientError: Data download failed:No S3 objects found under S3 URL "'
        f'{source.uri}" given in input data source "{source.name}". Please ensure that '
        "the bucket exists, and that objects exist under that S3 prefix."
    )
    return JobFaultError(message)
