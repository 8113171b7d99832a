"""The two sides of a differential test of S3, and the facts that each answers."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from s3_calls import Call, etag


class Side:
    """One S3, a bucket of it, and the uploads that were begun there."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket
        self._uploads: list[tuple[str, str]] = []

    def answers(self, call: Call) -> list[dict[str, Any]]:
        """Return the facts of a call's answer; of a listing, those of each page."""
        members = self._members(call)
        pages = [self._answer(call.method, members)]
        token = _NEXT.get(call.method)
        while token and pages[-1].get("IsTruncated") and len(pages) < _MOST_PAGES:
            found = pages[-1]
            follows = found.get(token[0]) or found["Contents"][-1]["Key"]
            pages.append(self._answer(call.method, {**members, token[1]: follows}))
        if call.method == "create_multipart_upload" and "UploadId" in pages[0]:
            self._uploads.append((members["Key"], pages[0]["UploadId"]))
        return [_facts(page) for page in pages]

    def _members(self, call: Call) -> dict[str, Any]:
        members = {"Bucket": self.bucket, **call.members}
        if "CopySource" in members:
            members["CopySource"] = {
                "Bucket": self.bucket,
                "Key": members["CopySource"],
            }
        if call.upload is not None:
            key, upload = self._upload(call.upload)
            members.update(Key=key, UploadId=upload)
        if call.method == "complete_multipart_upload":
            members.setdefault("MultipartUpload", {"Parts": self._parts(members)})
        return members

    def _upload(self, number: int) -> tuple[str, str]:
        if number < len(self._uploads):
            return self._uploads[number]
        return "a", "nothing"

    def _parts(self, members: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
        where = {name: members[name] for name in ("Bucket", "Key", "UploadId")}
        try:
            found = self.client.list_parts(**where).get("Parts", [])
        except ClientError:
            return [{"PartNumber": 1, "ETag": etag(b"")}]
        return [{name: part[name] for name in part if name in _NAMED} for part in found]

    def _answer(self, method: str, members: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, method)(**members)
        except ClientError as error:
            said = error.response
            status = said["ResponseMetadata"]["HTTPStatusCode"]
            return {"outcome": (status, said["Error"]["Code"])}
        if "Body" in answer:
            answer["Body"] = answer["Body"].read()
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        return {"outcome": (status, ""), **answer}


#: What CompleteMultipartUpload says of a part.
_NAMED = ("PartNumber", "ETag", "ChecksumCRC32", "ChecksumSHA256")
_MOST_PAGES = 20
#: How a listing goes on: the member that says where, and the one that asks for it.
_NEXT = {
    "list_objects_v2": ("NextContinuationToken", "ContinuationToken"),
    "list_objects": ("NextMarker", "Marker"),
    "list_parts": ("NextPartNumberMarker", "PartNumberMarker"),
}
#: Members that each server makes up for itself.
_OWN = (
    *("UploadId", "NextContinuationToken", "ContinuationToken"),
    *("Owner", "Initiator", "Location"),
)


def _facts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with its lists turned into columns, and without what is chance."""
    facts: dict[str, Any] = {}
    for name, value in answer.items():
        if isinstance(value, list):
            columns = {column for row in value for column in row}
            for column in columns:
                rows = [_plain(column, row.get(column)) for row in value]
                facts[f"{name}.{column}"] = rows
        elif isinstance(value, dict) and name not in _OWN:
            facts.update(
                {f"{name}.{inner}": _plain(inner, value[inner]) for inner in value}
            )
        else:
            facts[name] = _plain(name, value)
    return facts


def _plain(name: str, value: Any) -> Any:
    if name in _OWN:
        return "its own"
    return "a date" if isinstance(value, dt.datetime) else value


def changes(call: Call) -> bool:
    """Say whether a call may change what is stored."""
    return not call.method.startswith(("get", "head", "list"))


def clear(client: Any, bucket: str) -> None:
    """Remove what a sequence left in a bucket."""
    for stored in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        client.delete_object(Bucket=bucket, Key=stored["Key"])
