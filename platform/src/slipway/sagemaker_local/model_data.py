"""A model's data, from S3 to /opt/ml/model."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, Literal, TypeVar

from slipway.errors import SlipwayError
from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.archives import PIECE
from slipway.sagemaker_local.executors.contract import Entry
from slipway.sagemaker_local.jobs.downloads import address
from slipway.sagemaker_local.jobs.plan import JobFaultError
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.unpacking import UnsafeArchiveError, unpacked

MODEL = "/opt/ml/model"
#: A tar.gz to unpack, one file, or all files below an address.
Form = Literal["archive", "object", "prefix"]
_FORMS: Mapping[tuple[str, str], Form] = {
    ("S3Object", "Gzip"): "archive",
    ("S3Object", "None"): "object",
    ("S3Prefix", "None"): "prefix",
}
_LONGEST_NAME = 255
T = TypeVar("T")


class ModelDataError(SlipwayError):
    """A model's data cannot be laid out; the message is AWS's."""


def serving_container(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one container of a model's description."""
    container: Mapping[str, Any] = (
        model.get("PrimaryContainer") or model["Containers"][0]
    )
    return container


def model_data(container: Mapping[str, Any]) -> tuple[str | None, Form | None]:
    """Return where a container's model data is, and in which form.

    No address: there is none. No form: SageMaker has none like it.
    """
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return container.get("ModelDataUrl"), "archive"
    form = _FORMS.get((source["S3DataType"], source["CompressionType"]))
    return source["S3Uri"], form


def model_entries(store: ObjectStore, url: str | None, form: Form) -> Iterator[Entry]:
    """Yield what a container finds below /opt/ml/model."""
    yield Entry(MODEL)
    if url is None:
        return
    try:
        uri = address(url)
        if form == "prefix":
            yield from _below(store, uri)
        else:
            stored, file = store.open(uri.bucket, uri.key)
            with file:
                yield from _of_object(stored, file, form, url)
    except (S3Error, JobFaultError) as error:
        message = (
            f'Failed to download model data for container "container_1" from URL: '
            f'"{url}". Please ensure that there is an object located at the URL.'
        )
        raise ModelDataError(message) from error


def is_there(store: ObjectStore, url: str, form: Form) -> bool:
    """Say whether there is an object at an address, or one below it."""
    try:
        uri = address(url)
        if form == "prefix":
            return next(store.objects(uri.bucket, uri.key), None) is not None
        store.head(uri.bucket, uri.key)
    except (S3Error, JobFaultError):
        return False
    return True


def _of_object(
    stored: StoredObject, file: BinaryIO, form: Form, url: str
) -> Iterator[Entry]:
    if form != "archive":
        yield _entry(stored, file, stored.key.rpartition("/")[2])
        return
    for entry in _safely(unpacked(file, MODEL), url):
        # Its bytes are read by whoever lays it out, and may be refused only then.
        content = entry.content and _safely(entry.content, url)
        yield replace(entry, content=content)


def _safely(parts: Iterable[T], url: str) -> Iterator[T]:
    try:
        yield from parts
    except UnsafeArchiveError as error:
        message = (
            f'Failed to extract model data archive for container "container_1" '
            f'from URL "{url}": {error}. Please ensure that the object located at '
            "the URL is a valid tar.gz archive."
        )
        raise ModelDataError(message) from error


def _below(store: ObjectStore, uri: S3Uri) -> Iterator[Entry]:
    for listed in store.objects(uri.bucket, uri.key):
        stored, file = store.open(listed.bucket, listed.key)
        with file:
            yield _entry(stored, file, stored.key.removeprefix(uri.key))


def _entry(stored: StoredObject, file: BinaryIO, path: str) -> Entry:
    for part in path.split("/"):
        hidden = part.strip() in ("", ".", "..") or "\0" in part
        if hidden or len(part.encode()) > _LONGEST_NAME:
            message = (
                f"The key {stored.key!r} of the model data cannot be a file below "
                f"{MODEL}: {part!r} names none."
            )
            raise ModelDataError(message)
    content = iter(partial(file.read, PIECE), b"")
    return Entry(f"{MODEL}/{path}", content, stored.size)
