"""The only calls to S3."""

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slipway.s3.client import aws_client
from slipway.s3.faults import AwsError, Fault, answered, named, unanswered
from slipway.s3.uri import S3Uri
from slipway.settings import Settings

_CHUNK = 1 << 20
#: Objects that one call deletes at most.
_BATCH = 1000
#: The status of a write that found something in its place.
_PRECONDITION = 412


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it."""

    uri: S3Uri
    bytes: int
    #: Changes whenever the content does.
    etag: str


class S3Error(AwsError):
    """S3 refused a call, or could not be reached."""

    code = "s3"


class Objects:
    """Reads and writes S3 objects of one environment."""

    def __init__(self, settings: Settings) -> None:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=5,
            s3={"addressing_style": "path"} if settings.endpoint_url else {},
        )
        self._client = aws_client("s3", settings, config)
        self._region = settings.environment.region

    def ensure_bucket(self, bucket: str) -> None:
        """Create `bucket` if it does not exist yet."""
        where = {"LocationConstraint": self._region}
        with _translated(S3Uri(bucket, "")):
            try:
                self._client.create_bucket(
                    Bucket=bucket, CreateBucketConfiguration=where
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
                    raise

    def write(self, uri: S3Uri, content: bytes) -> None:
        """Store `content` at `uri`."""
        with _translated(uri):
            self._client.put_object(Bucket=uri.bucket, Key=uri.key, Body=content)

    def write_once(self, uri: S3Uri, value: object) -> bool:
        """Store `value` at `uri` as JSON unless something is there; tell if it was not."""
        body = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        with _translated(uri):
            try:
                self._client.put_object(
                    Bucket=uri.bucket, Key=uri.key, Body=body, IfNoneMatch="*"
                )
            except ClientError as error:
                if (
                    error.response["ResponseMetadata"]["HTTPStatusCode"]
                    == _PRECONDITION
                ):
                    return False
                raise
        return True

    def write_json(self, uri: S3Uri, value: object) -> None:
        """Store `value` at `uri` as JSON with sorted keys."""
        self.write(uri, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))

    def read(self, uri: S3Uri) -> bytes:
        """Return the content at `uri`."""
        with _translated(uri):
            answer = self._client.get_object(Bucket=uri.bucket, Key=uri.key)
            content: bytes = answer["Body"].read()
            return content

    def read_json(self, uri: S3Uri) -> Any:
        """Return the JSON value at `uri`."""
        return orjson.loads(self.read(uri))

    def download(self, uri: S3Uri, file: IO[bytes]) -> str:
        """Write the content at `uri` to `file`; return its sha256 in hex."""
        digest = hashlib.sha256()
        with _translated(uri):
            body = self._client.get_object(Bucket=uri.bucket, Key=uri.key)["Body"]
            for chunk in body.iter_chunks(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def exists(self, uri: S3Uri) -> bool:
        """Tell whether an object is stored at `uri`."""
        with _translated(uri):
            try:
                self._client.head_object(Bucket=uri.bucket, Key=uri.key)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise
        return True

    def copy(self, source: S3Uri, target: S3Uri) -> None:
        """Copy an object inside S3."""
        with _translated(target):
            self._client.copy(
                {"Bucket": source.bucket, "Key": source.key}, target.bucket, target.key
            )

    def delete_below(self, prefix: S3Uri) -> int:
        """Delete every object below `prefix`; return how many bytes they had."""
        freed = 0
        for batch in _batches(self.list(prefix), _BATCH):
            keys = [{"Key": found.uri.key} for found in batch]
            with _translated(prefix):
                answer = self._client.delete_objects(
                    Bucket=prefix.bucket, Delete={"Objects": keys, "Quiet": True}
                )
            if errors := answer.get("Errors"):
                first = errors[0]
                message = (
                    f"S3 kept {len(errors)} objects below {prefix}: {first['Key']}:"
                    f" {first['Code']}. Give the same command again"
                )
                raise S3Error(message, fault=named(first["Code"]) or Fault.AMBIGUOUS)
            freed += sum(found.bytes for found in batch)
        return freed

    def list(self, prefix: S3Uri) -> Iterator[StoredObject]:
        """Yield each object below `prefix`, in key order."""
        pages = self._client.get_paginator("list_objects_v2")
        with _translated(prefix):
            for page in pages.paginate(Bucket=prefix.bucket, Prefix=prefix.key):
                for item in page.get("Contents", []):
                    uri = S3Uri(prefix.bucket, item["Key"])
                    yield StoredObject(uri, item["Size"], item["ETag"].strip('"'))


def _batches(
    found: Iterator[StoredObject], size: int
) -> Iterator[Sequence[StoredObject]]:
    while batch := [*itertools.islice(found, size)]:
        yield batch


@contextmanager
def _translated(uri: S3Uri) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        answer = error.response["Error"]
        message = f"S3 refused {error.operation_name} of {uri}: {answer.get('Code')}: {answer.get('Message')}"
        fault = answered(error) or Fault.BAD_REQUEST
        raise S3Error(message, fault=fault) from error
    except BotoCoreError as error:
        fault, words = unanswered(error, "S3")
        message = f"{uri}: {words}"
        raise S3Error(message, fault=fault) from error
