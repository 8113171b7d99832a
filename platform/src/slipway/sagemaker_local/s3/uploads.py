"""Multipart uploads: parts that become one object."""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence

from slipway.sagemaker_local.s3.body import PIECE, Content, Produced
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.multipart import (
    Completion,
    NamedPart,
    Part,
    Upload,
    check_algorithm,
    check_is_complete,
    check_whole,
    is_named,
    object_checksums,
    whole_checksum,
)
from slipway.sagemaker_local.s3.objects import ObjectStore, check_key

#: Every part but the last has at least so many bytes.
SMALLEST_PART = 5 * 1024 * 1024
HIGHEST_NUMBER = 10_000


class Uploads:
    """The unfinished uploads of an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._catalogue = store.catalogue

    def begin(
        self,
        bucket: str,
        key: str,
        *,
        headers: Mapping[str, str],
        checksums: Mapping[str, str],
    ) -> Upload:
        """Start an upload."""
        self._store.bucket(bucket)
        check_key(key)
        upload = Upload(uuid.uuid4().hex, bucket, key, headers, checksums)
        with self._catalogue.changing():
            self._catalogue.rows(
                "INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?)",
                (
                    upload.id,
                    bucket,
                    key,
                    time.time(),
                    json.dumps(dict(headers)),
                    json.dumps(dict(checksums)),
                ),
            )
        return upload

    def get(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Return an upload; a missing one is S3Error NoSuchUpload."""
        rows = self._catalogue.rows(
            "SELECT headers, checksums FROM upload"
            " WHERE id = ? AND bucket = ? AND key = ?",
            (upload_id, bucket, key),
        )
        if not rows:
            raise S3Error(Code.NO_SUCH_UPLOAD, UploadId=upload_id)
        headers, checksums = (json.loads(rows[0][n]) for n in ("headers", "checksums"))
        return Upload(upload_id, bucket, key, headers, checksums)

    def put_part(self, upload: Upload, number: int, content: Content) -> Part:
        """Store a part, in place of the one of the same number."""
        if not 1 <= number <= HIGHEST_NUMBER:
            reason = f"Part number must be between 1 and {HIGHEST_NUMBER}, inclusive"
            raise S3Error(Code.INVALID_ARGUMENT, reason=reason)
        with self._store.blobs.writer() as writer:
            for piece in content.pieces():
                writer.write(piece)
            check_algorithm(upload, content.checksums)
            writer.keep()
        part = Part(
            number,
            writer.name,
            content.size,
            content.etag,
            time.time(),
            content.checksums,
        )
        replaced = self._save(upload, part)
        self._store.blobs.remove(old.blob for old in replaced)
        return part

    def parts(self, upload: Upload) -> list[Part]:
        """Return the parts that are there, by number."""
        rows = self._catalogue.rows(
            "SELECT number, blob, size, etag, modified_at, checksums FROM part"
            " WHERE upload = ? ORDER BY number",
            (upload.id,),
        )
        return [
            Part(**{**dict(row), "checksums": json.loads(row["checksums"])})
            for row in rows
        ]

    def complete(self, upload: Upload, completion: Completion) -> StoredObject:
        """Join the named parts into the object, and forget the upload."""
        parts = self._chosen(upload, completion.parts)
        joined = Produced(self._joined(parts))
        whole = whole_checksum(upload)
        with self._store.blobs.writer() as writer:
            for piece in joined.pieces():
                writer.write(piece)
                if whole is not None:
                    whole[1].update(piece)
            checksums = object_checksums(upload, parts, whole)
            check_whole(completion, checksums, joined.size)
            writer.keep()
        stored = StoredObject(
            bucket=upload.bucket,
            key=upload.key,
            blob=writer.name,
            size=joined.size,
            etag=_etag(parts),
            modified_at=time.time(),
            headers=upload.headers,
            checksums=checksums,
        )
        self._store.commit(stored, completion.conditions)
        self.abort(upload)
        return stored

    def abort(self, upload: Upload) -> None:
        """Forget an upload and its parts."""
        parts = self.parts(upload)
        with self._catalogue.changing():
            self._catalogue.rows("DELETE FROM upload WHERE id = ?", (upload.id,))
        self._store.blobs.remove(part.blob for part in parts)

    def _save(self, upload: Upload, part: Part) -> list[Part]:
        try:
            with self._catalogue.changing():
                self.get(upload.bucket, upload.key, upload.id)
                old = [old for old in self.parts(upload) if old.number == part.number]
                self._catalogue.rows(
                    "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        upload.id,
                        part.number,
                        part.blob,
                        part.size,
                        part.etag,
                        part.modified_at,
                        json.dumps(dict(part.checksums)),
                    ),
                )
        except S3Error:
            self._store.blobs.remove([part.blob])
            raise
        return old

    def _chosen(self, upload: Upload, named: Sequence[NamedPart]) -> list[Part]:
        numbers = [part.number for part in named]
        if not named:
            raise S3Error(Code.MALFORMED_XML)
        if numbers != sorted(set(numbers)):
            raise S3Error(Code.INVALID_PART_ORDER)
        known = {part.number: part for part in self.parts(upload)}
        for part in named:
            found = known.get(part.number)
            if found is None or not is_named(found, part):
                raise S3Error(Code.INVALID_PART, PartNumber=str(part.number))
            check_is_complete(upload, part)
        chosen = [known[number] for number in numbers]
        if any(part.size < SMALLEST_PART for part in chosen[:-1]):
            raise S3Error(Code.ENTITY_TOO_SMALL)
        return chosen

    def _joined(self, parts: Sequence[Part]) -> Iterator[bytes]:
        for part in parts:
            with self._store.blobs.path(part.blob).open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece


def _etag(parts: Sequence[Part]) -> str:
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    digest = hashlib.md5(joined, usedforsecurity=False).hexdigest()
    return f"{digest}-{len(parts)}"
