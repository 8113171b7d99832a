import pytest
from botocore.exceptions import ClientError

BODY = b"0123456789"
OF_A_RANGE = "must be of the form bytes=first-last"


@pytest.fixture
def upload(rig):
    """Begins an upload, and returns what its calls have in common."""
    bucket = rig.bucket()
    rig.s3.put_object(Bucket=bucket, Key="source", Body=BODY)

    def begin(**members):
        where = {"Bucket": bucket, "Key": "target"}
        begun = rig.s3.create_multipart_upload(**where, **members)
        return {**where, "UploadId": begun["UploadId"]}

    return begin


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("bytes=5-10", "Range specified is not valid for source object of size: 10"),
        ("bytes=7-3", "Range specified is not valid for source object of size: 10"),
        ("bytes=5-", OF_A_RANGE),
        ("bytes=-5", OF_A_RANGE),
        ("0-5", OF_A_RANGE),
    ],
)
def test_a_part_is_copied_from_within_its_source_only(rig, upload, asked, message):
    where = upload()
    source = {"Bucket": where["Bucket"], "Key": "source"}

    with pytest.raises(ClientError, match=message) as error:
        rig.s3.upload_part_copy(
            **where, PartNumber=1, CopySource=source, CopySourceRange=asked
        )

    assert error.value.response["Error"]["Code"] == "InvalidArgument"
    assert "Parts" not in rig.s3.list_parts(**where)


def test_a_part_has_the_checksum_that_its_upload_was_begun_with(rig, upload):
    where = upload(ChecksumAlgorithm="SHA256")

    with pytest.raises(ClientError) as error:
        rig.s3.upload_part(**where, PartNumber=1, Body=BODY, ChecksumAlgorithm="CRC32")

    assert "expected checksum Type: sha256, actual checksum Type: crc32" in str(
        error.value
    )
    assert "Parts" not in rig.s3.list_parts(**where)


def test_a_copied_part_has_a_checksum_of_its_own(rig, upload):
    where = upload(ChecksumAlgorithm="SHA256")
    source = {"Bucket": where["Bucket"], "Key": "source"}

    rig.s3.upload_part_copy(
        **where, PartNumber=1, CopySource=source, CopySourceRange="bytes=0-4"
    )
    sent = rig.s3.upload_part(
        **where, PartNumber=2, Body=BODY[:5], ChecksumAlgorithm="SHA256"
    )
    copied, uploaded = rig.s3.list_parts(**where)["Parts"]

    assert copied["ChecksumSHA256"] == uploaded["ChecksumSHA256"]
    assert uploaded["ChecksumSHA256"] == sent["ChecksumSHA256"]


def test_parts_are_named_with_their_checksums(rig, upload):
    where = upload(ChecksumAlgorithm="SHA256")
    sent = rig.s3.upload_part(
        **where, PartNumber=1, Body=BODY, ChecksumAlgorithm="SHA256"
    )
    part = {"PartNumber": 1, "ETag": sent["ETag"]}
    wrong = {**part, "ChecksumSHA256": "A" * 43 + "="}
    right = {**part, "ChecksumSHA256": sent["ChecksumSHA256"]}

    for named, code in ((part, "InvalidRequest"), (wrong, "InvalidPart")):
        with pytest.raises(ClientError) as error:
            rig.s3.complete_multipart_upload(
                **where, MultipartUpload={"Parts": [named]}
            )
        assert error.value.response["Error"]["Code"] == code
    done = rig.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [right]})

    assert done["ChecksumSHA256"].endswith("-1")
