"""Buckets and objects, as the server itself reads and writes them."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from slipway.sagemaker_local.s3.blobs import Blobs
from slipway.sagemaker_local.s3.body import Content
from slipway.sagemaker_local.s3.catalogue import Bucket, Catalogue, StoredObject
from slipway.sagemaker_local.s3.conditions import UNCONDITIONAL, Conditions
from slipway.sagemaker_local.s3.faults import Code, NoSuchKeyError, S3Error
from slipway.sagemaker_local.s3.listing import scan

BUCKET_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
LONGEST_KEY = 1024


class ObjectStore:
    """S3 in a folder: what is acknowledged survives a `kill -9`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.blobs = Blobs(folder / "blobs")
        self.blobs.sweep(self.catalogue.blobs())

    def close(self) -> None:
        """Close the catalogue."""
        self.catalogue.close()

    def create_bucket(self, name: str, region: str) -> None:
        """Create a bucket, unless it is there."""
        if not BUCKET_NAME.fullmatch(name):
            raise S3Error(Code.INVALID_BUCKET_NAME, BucketName=name)
        with self.catalogue.changing():
            if self.catalogue.rows("SELECT 1 FROM bucket WHERE name = ?", (name,)):
                raise S3Error(Code.BUCKET_ALREADY_OWNED_BY_YOU, BucketName=name)
            row = (name, region, time.time())
            self.catalogue.rows("INSERT INTO bucket VALUES (?, ?, ?)", row)

    def bucket(self, name: str) -> Bucket:
        """Return a bucket; a missing one is S3Error NoSuchBucket."""
        return self.catalogue.bucket(name)

    def buckets(self) -> list[Bucket]:
        """Return every bucket, by name."""
        rows = self.catalogue.rows("SELECT * FROM bucket ORDER BY name")
        return [Bucket(**row) for row in rows]

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket."""
        with self.catalogue.changing():
            self.bucket(name)
            sql = "SELECT 1 FROM object WHERE bucket = ? LIMIT 1"
            if self.catalogue.rows(sql, (name,)):
                raise S3Error(Code.BUCKET_NOT_EMPTY, BucketName=name)
            self.catalogue.rows("DELETE FROM bucket WHERE name = ?", (name,))

    def head(self, bucket: str, key: str) -> StoredObject:
        """Return what is known of an object; a missing one is NoSuchKeyError."""
        self.bucket(bucket)
        found = self.catalogue.object(bucket, key)
        if found is None:
            raise NoSuchKeyError(bucket, key)
        return found

    def open(self, bucket: str, key: str) -> tuple[StoredObject, BinaryIO]:
        """Open an object for reading; it stays readable if it is replaced."""
        while True:
            stored = self.head(bucket, key)
            try:
                return stored, self.blobs.path(stored.blob).open("rb")
            except FileNotFoundError:
                # Replaced between the two lines above: the catalogue names a newer one.
                if self.head(bucket, key).blob == stored.blob:
                    raise

    def objects(self, bucket: str, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object under a prefix, by key."""
        self.bucket(bucket)
        yield from scan(self.catalogue, bucket, prefix)

    def put(
        self,
        bucket: str,
        key: str,
        content: Content,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        conditions: Conditions = UNCONDITIONAL,
    ) -> StoredObject:
        """Store an upload once it is complete and verified."""
        self.bucket(bucket)
        check_key(key)
        conditions.check_write(self.catalogue.object(bucket, key))
        with self.blobs.writer() as writer:
            for piece in content.pieces():
                writer.write(piece)
            writer.keep()
        stored = StoredObject(
            bucket=bucket,
            key=key,
            blob=writer.name,
            size=content.size,
            etag=content.etag,
            modified_at=time.time(),
            headers=headers,
            checksums=_full_object(content.checksums),
        )
        return self.commit(stored, conditions)

    def copy(
        self,
        source: StoredObject,
        bucket: str,
        key: str,
        *,
        headers: Mapping[str, str],
        conditions: Conditions = UNCONDITIONAL,
    ) -> StoredObject:
        """Give the content of an object a second key."""
        self.bucket(bucket)
        check_key(key)
        target = replace(
            source,
            bucket=bucket,
            key=key,
            blob=self.blobs.link(source.blob),
            modified_at=time.time(),
            headers=headers,
        )
        return self.commit(target, conditions)

    def commit(
        self, stored: StoredObject, conditions: Conditions = UNCONDITIONAL
    ) -> StoredObject:
        """Make an object current; its predecessor's blob is removed."""
        try:
            with self.catalogue.changing():
                self.bucket(stored.bucket)
                previous = self.catalogue.object(stored.bucket, stored.key)
                conditions.check_write(previous)
                self.catalogue.save(stored)
        except S3Error:
            self.blobs.remove([stored.blob])
            raise
        if previous is not None:
            self.blobs.remove([previous.blob])
        return stored

    def delete(
        self, bucket: str, key: str, conditions: Conditions = UNCONDITIONAL
    ) -> None:
        """Delete an object; deleting what is not there is no error."""
        with self.catalogue.changing():
            self.bucket(bucket)
            stored = self.catalogue.object(bucket, key)
            conditions.check_write(stored)
            sql = "DELETE FROM object WHERE bucket = ? AND key = ?"
            self.catalogue.rows(sql, (bucket, key))
        if stored is not None:
            self.blobs.remove([stored.blob])


def check_key(key: str) -> None:
    """Refuse a key that S3 refuses."""
    if len(key.encode()) > LONGEST_KEY:
        raise S3Error(Code.KEY_TOO_LONG, Key=key)


def _full_object(checksums: Mapping[str, str]) -> dict[str, str]:
    return {**checksums, "type": "FULL_OBJECT"} if checksums else {}
