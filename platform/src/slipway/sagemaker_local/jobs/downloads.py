"""A job's inputs, from S3 to its folders."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from slipway.errors import InvalidRequestError
from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.executors.contract import Entry
from slipway.sagemaker_local.jobs.manifests import check_size, listed_keys
from slipway.sagemaker_local.jobs.plan import Input, JobFaultError, Plan, Synced
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
    for synced in plan.synced:
        yield Entry(synced.folder)
        if synced.both_ways:
            yield from _restored(store, synced)


def listed(store: ObjectStore, source: Input) -> Iterator[tuple[str, StoredObject]]:
    """Yield an input's objects by key, each with its path; none is a JobFaultError."""
    found = False
    objects = _of_manifest if source.by_manifest else _of_prefix
    for each in objects(store, source):
        found = True
        yield each
    if not found:
        raise _nothing(source)


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


def mirrored(store: ObjectStore, synced: Synced) -> Iterator[tuple[str, StoredObject]]:
    """Yield the objects below a synced folder's address, each with its path."""
    uri = address(synced.uri)
    prefix = f"{uri.key.rstrip('/')}/" if uri.key else ""
    for stored in store.objects(uri.bucket, prefix):
        path = stored.key.removeprefix(prefix)
        if path and not path.endswith("/"):
            yield path, stored


def _restored(store: ObjectStore, synced: Synced) -> Iterator[Entry]:
    source = Input("checkpoint", synced.uri, synced.folder)
    try:
        for path, stored in mirrored(store, synced):
            yield from _file(store, stored, source, path)
    except S3Error as error:
        raise _nothing(source) from error


def _downloaded(store: ObjectStore, source: Input) -> Iterator[Entry]:
    yield Entry(source.folder, read_only=source.read_only)
    for path, stored in listed(store, source):
        yield from _file(store, stored, source, path)


def _file(
    store: ObjectStore, stored: StoredObject, source: Input, path: str
) -> Iterator[Entry]:
    size, file = _opened(store, stored, source)
    with file:
        content = iter(partial(file.read, PIECE), b"")
        target = f"{source.folder.rstrip('/')}/{path}"
        yield Entry(target, content, size, read_only=source.read_only)


def _of_prefix(store: ObjectStore, source: Input) -> Iterator[tuple[str, StoredObject]]:
    uri = address(source.uri)
    try:
        for stored in store.objects(uri.bucket, uri.key):
            path = relative_path(stored.key, uri.key)
            if path and not stored.key.endswith("/"):
                yield path, stored
    except S3Error as error:
        raise _nothing(source) from error


def _of_manifest(
    store: ObjectStore, source: Input
) -> Iterator[tuple[str, StoredObject]]:
    manifest = _head(store, source.uri, source)
    check_size(manifest.size, source)
    _, file = _opened(store, manifest, source)
    with file:
        content = file.read()
    for path, uri in listed_keys(content, source):
        yield path, _head(store, uri, source)


def _head(store: ObjectStore, uri: str, source: Input) -> StoredObject:
    place = address(uri)
    try:
        return store.head(place.bucket, place.key)
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
