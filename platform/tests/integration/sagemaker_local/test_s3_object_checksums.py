"""Checksums of whole objects and of their parts, as S3 keeps and compares them."""

import base64
import hashlib

import pytest
from botocore.exceptions import ClientError

from slipway.sagemaker_local.s3.checksums import encoded, new_checksum

PARTS = (bytes(5 * 1024 * 1024), b"the last part")
WHOLE = b"".join(PARTS)


def summed(content, algorithm="crc64nvme"):
    checksum = new_checksum(algorithm)
    checksum.update(content)
    return encoded(checksum)


@pytest.fixture
def s3(rig):
    """A client that sends no checksum unless it is told to."""
    return rig.client("s3", request_checksum_calculation="when_required")


@pytest.fixture
def begun(rig, s3):
    """Begins an upload and sends its parts; `sent` is the member with their checksums."""
    bucket = rig.bucket()

    def begin(sent=None, **members):
        where = {"Bucket": bucket, "Key": "whole"}
        upload = s3.create_multipart_upload(**where, **members)
        where["UploadId"] = upload["UploadId"]
        parts = []
        for number, content in enumerate(PARTS, 1):
            checksum = {f"Checksum{sent}": summed(content, sent)} if sent else {}
            part = s3.upload_part(**where, PartNumber=number, Body=content, **checksum)
            parts.append({"PartNumber": number, "ETag": part["ETag"], **checksum})
        return where, {"Parts": parts}

    return begin


def described(s3, where):
    named = {name: where[name] for name in ("Bucket", "Key")}
    return s3.head_object(**named, ChecksumMode="ENABLED")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_an_upload_in_parts_has_the_checksum_of_the_whole(s3, begun, algorithm):
    where, parts = begun(
        algorithm, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT"
    )
    name, value = f"Checksum{algorithm}", summed(WHOLE, algorithm)
    done = s3.complete_multipart_upload(
        **where,
        MultipartUpload=parts,
        ChecksumType="FULL_OBJECT",
        MpuObjectSize=len(WHOLE),
        **{name: value},
    )
    found = described(s3, where)

    assert (done[name], done["ChecksumType"]) == (value, "FULL_OBJECT")
    assert (found[name], found["ChecksumType"]) == (value, "FULL_OBJECT")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C"])
def test_an_upload_in_parts_has_a_composite_where_nothing_else_is_asked(
    s3, begun, algorithm
):
    where, parts = begun(algorithm, ChecksumAlgorithm=algorithm)
    done = s3.complete_multipart_upload(**where, MultipartUpload=parts)
    name = f"Checksum{algorithm}"
    joined = b"".join(base64.b64decode(each[name]) for each in parts["Parts"])

    assert done[name] == f"{summed(joined, algorithm)}-2"
    assert done["ChecksumType"] == "COMPOSITE"


def test_parts_of_a_whole_need_no_checksum_of_their_own(s3, begun):
    where, parts = begun(ChecksumAlgorithm="CRC64NVME")
    done = s3.complete_multipart_upload(**where, MultipartUpload=parts)

    assert done["ChecksumCRC64NVME"] == summed(WHOLE)


def test_parts_of_a_whole_have_none_of_another_kind(begun):
    with pytest.raises(ClientError) as refused:
        begun("CRC32", ChecksumAlgorithm="CRC64NVME")

    assert refused.value.response["Error"]["Code"] == "InvalidRequest"
    assert "expected checksum Type: crc64nvme, actual checksum Type: crc32" in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (
            {"ChecksumCRC64NVME": summed(b"other"), "ChecksumType": "FULL_OBJECT"},
            "BadDigest",
            "The crc64nvme you specified did not match the calculated checksum.",
        ),
        (
            {"ChecksumType": "COMPOSITE"},
            "InvalidRequest",
            "The upload was created using the FULL_OBJECT checksum mode.",
        ),
        (
            {"ChecksumCRC32": summed(WHOLE, "crc32")},
            "InvalidRequest",
            "expected checksum Type: crc64nvme, actual checksum Type: crc32",
        ),
        (
            {"MpuObjectSize": 7},
            "InvalidRequest",
            "'x-amz-mp-object-size' header value 7 does not match",
        ),
    ],
    ids=["a value", "a type", "an algorithm", "a size"],
)
def test_an_object_that_is_not_what_is_said_of_it_is_not_made(
    s3, begun, said, code, message
):
    where, parts = begun(ChecksumAlgorithm="CRC64NVME")

    with pytest.raises(ClientError) as refused:
        s3.complete_multipart_upload(**where, MultipartUpload=parts, **said)

    assert refused.value.response["Error"]["Code"] == code
    assert message in str(refused.value)
    assert "Contents" not in s3.list_objects_v2(Bucket=where["Bucket"])
    assert len(s3.list_parts(**where)["Parts"]) == len(PARTS)
    done = s3.complete_multipart_upload(**where, MultipartUpload=parts)
    assert done["ChecksumCRC64NVME"] == summed(WHOLE)


def test_a_wrong_crc64nvme_stores_nothing(rig, s3):
    bucket = rig.bucket()

    with pytest.raises(ClientError) as refused:
        s3.put_object(
            Bucket=bucket, Key="x", Body=b"content", ChecksumCRC64NVME=summed(b"other")
        )

    assert refused.value.response["Error"]["Code"] == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_an_object_without_a_checksum_gets_one(rig, s3, begun):
    where, parts = begun()
    done = s3.complete_multipart_upload(**where, MultipartUpload=parts)
    put = s3.put_object(Bucket=where["Bucket"], Key="small", Body=b"content")

    assert done["ChecksumCRC64NVME"] == summed(WHOLE)
    assert put["ChecksumCRC64NVME"] == summed(b"content")
    assert put["ChecksumType"] == "FULL_OBJECT"


def test_a_copy_has_a_checksum_of_the_whole(s3, begun):
    where, parts = begun("SHA256", ChecksumAlgorithm="SHA256")
    s3.complete_multipart_upload(**where, MultipartUpload=parts)
    source = {name: where[name] for name in ("Bucket", "Key")}

    def copied(key, **members):
        copy = s3.copy_object(
            Bucket=where["Bucket"], Key=key, CopySource=source, **members
        )
        found = described(s3, {**where, "Key": key})
        return copy["CopyObjectResult"], found

    etag = f'"{hashlib.md5(WHOLE, usedforsecurity=False).hexdigest()}"'
    digest = base64.b64encode(hashlib.sha256(WHOLE).digest()).decode()
    for answer in copied("same"):
        assert answer["ETag"] == etag
        assert (answer["ChecksumSHA256"], answer["ChecksumType"]) == (
            digest,
            "FULL_OBJECT",
        )
    for answer in copied("other", ChecksumAlgorithm="CRC64NVME"):
        assert answer["ChecksumCRC64NVME"] == summed(WHOLE)
        assert "ChecksumSHA256" not in answer
