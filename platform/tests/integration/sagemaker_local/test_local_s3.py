import base64
import datetime as dt
import hashlib
import http.client
import io

import pytest
import requests
from botocore.exceptions import ClientError

from slipway.sagemaker_local.s3.checksums import encoded, new_checksum

MIB = 1024 * 1024


@pytest.fixture
def s3(rig):
    return rig.s3


@pytest.fixture
def bucket(rig):
    return rig.bucket()


def code(error):
    return error.value.response["Error"]["Code"]


def status(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def keys(page):
    return [each["Key"] for each in page.get("Contents", [])]


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    body = bytes(range(256)) * 10

    put = s3.put_object(
        Bucket=bucket,
        Key="a folder/ünïcode + %41?.bin",
        Body=body,
        ContentType="application/x-test",
        CacheControl="no-cache",
        Metadata={"owner": "me"},
    )
    found = s3.get_object(Bucket=bucket, Key="a folder/ünïcode + %41?.bin")

    assert found["Body"].read() == body
    assert found["ContentLength"] == len(body)
    assert found["ContentType"] == "application/x-test"
    assert found["CacheControl"] == "no-cache"
    assert found["Metadata"] == {"owner": "me"}
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    assert found["ETag"] == put["ETag"] == f'"{md5}"'
    age = dt.datetime.now(dt.UTC) - found["LastModified"]
    assert age < dt.timedelta(minutes=1)


def test_what_is_not_there_has_s3s_codes(s3, bucket):
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="nope")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.get_object(Bucket="no-such-bucket", Key="nope")
    with pytest.raises(ClientError) as headed:
        s3.head_object(Bucket=bucket, Key="nope")
    with pytest.raises(ClientError) as bucket_headed:
        s3.head_bucket(Bucket="no-such-bucket")

    assert status(headed) == status(bucket_headed) == 404


def test_buckets_are_made_listed_and_deleted(s3, bucket):
    assert bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    located = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
    assert located == "eu-west-1"
    s3.put_object(Bucket=bucket, Key="x", Body=b"")
    with pytest.raises(ClientError) as full:
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="x")
    s3.delete_bucket(Bucket=bucket)

    assert code(full) == "BucketNotEmpty"
    assert bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def test_a_bucket_is_refused_where_s3_refuses_it(s3, bucket):
    location = {"LocationConstraint": "eu-west-1"}
    with pytest.raises(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    with pytest.raises(ClientError) as unlocated:
        s3.create_bucket(Bucket="somewhere-else")
    with pytest.raises(ClientError) as illegal:
        s3.create_bucket(Bucket="Upper_Case", CreateBucketConfiguration=location)

    assert code(unlocated) == "IllegalLocationConstraintException"
    assert code(illegal) == "InvalidBucketName"


def test_ranges(s3, bucket):
    s3.put_object(Bucket=bucket, Key="x", Body=b"0123456789")

    def read(text):
        return s3.get_object(Bucket=bucket, Key="x", Range=text)

    assert read("bytes=2-4")["Body"].read() == b"234"
    assert read("bytes=2-4")["ContentRange"] == "bytes 2-4/10"
    assert read("bytes=7-")["Body"].read() == b"789"
    assert read("bytes=-3")["Body"].read() == b"789"
    assert read("bytes=8-100")["Body"].read() == b"89"
    with pytest.raises(ClientError) as beyond:
        read("bytes=10-")
    assert code(beyond) == "InvalidRange"


def test_a_conditional_put_is_made_once(s3, bucket):
    s3.put_object(Bucket=bucket, Key="x", Body=b"first", IfNoneMatch="*")

    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="x", Body=b"second", IfNoneMatch="*")

    assert (code(refused), status(refused)) == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"first"


def test_a_put_can_ask_for_the_version_it_replaces(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"first")["ETag"]
    s3.put_object(Bucket=bucket, Key="x", Body=b"second", IfMatch=etag)

    with pytest.raises(ClientError) as stale:
        s3.put_object(Bucket=bucket, Key="x", Body=b"third", IfMatch=etag)

    assert code(stale) == "PreconditionFailed"


def test_a_copy_and_a_delete_can_be_conditional(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"first")["ETag"]
    source = {"Bucket": bucket, "Key": "x"}
    s3.copy_object(Bucket=bucket, Key="y", CopySource=source, IfNoneMatch="*")

    with pytest.raises(ClientError) as there:
        s3.copy_object(Bucket=bucket, Key="y", CopySource=source, IfNoneMatch="*")
    with pytest.raises(ClientError) as other:
        s3.delete_object(Bucket=bucket, Key="x", IfMatch='"other"')

    assert code(there) == code(other) == "PreconditionFailed"
    s3.delete_object(Bucket=bucket, Key="x", IfMatch=etag)
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["y"]


def test_a_conditional_get_says_not_modified(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"first")["ETag"]

    with pytest.raises(ClientError) as unchanged:
        s3.get_object(Bucket=bucket, Key="x", IfNoneMatch=etag)
    with pytest.raises(ClientError) as changed:
        s3.get_object(Bucket=bucket, Key="x", IfMatch='"other"')

    assert status(unchanged) == 304
    assert status(changed) == 412


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_verified_and_returned(s3, bucket, algorithm):
    put = s3.put_object(
        Bucket=bucket, Key="x", Body=b"content", ChecksumAlgorithm=algorithm
    )
    member = f"Checksum{algorithm}"
    wrong = base64.b64encode(bytes(len(base64.b64decode(put[member])))).decode()

    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="x", Body=b"other", **{member: wrong})

    assert code(refused) == "BadDigest"
    found = s3.get_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert found[member] == put[member]
    assert found["Body"].read() == b"content"


def test_an_md5_that_does_not_fit_is_refused(s3, bucket):
    wrong = base64.b64encode(bytes(16)).decode()

    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="x", Body=b"content", ContentMD5=wrong)

    assert code(refused) == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_listing_groups_by_delimiter_and_pages(s3, bucket):
    names = ["a", "b/1", "b/2", "b-", "c/d/e", "z", "ü/x"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")

    def listed(**options):
        paginator = s3.get_paginator("list_objects_v2")
        pages = list(paginator.paginate(Bucket=bucket, **options))
        found = [key for page in pages for key in keys(page)]
        groups = [
            each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])
        ]
        return found, groups

    one = {"PageSize": 1}
    assert listed() == (sorted(names), [])
    assert listed(PaginationConfig=one) == (sorted(names), [])
    grouped = (["a", "b-", "z"], ["b/", "c/", "ü/"])
    assert listed(Delimiter="/") == grouped
    assert listed(Delimiter="/", PaginationConfig=one) == grouped
    assert listed(Prefix="b/", Delimiter="/") == (["b/1", "b/2"], [])
    assert listed(Prefix="c", Delimiter="/") == ([], ["c/"])
    assert listed(StartAfter="b/1") == (["b/2", "c/d/e", "z", "ü/x"], [])
    first = s3.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=3)
    assert (keys(first), first["NextMarker"]) == (["a", "b-"], "b/")
    rest = s3.list_objects(Bucket=bucket, Delimiter="/", Marker=first["NextMarker"])
    assert keys(rest) == ["z"]
    assert [each["Prefix"] for each in rest["CommonPrefixes"]] == ["c/", "ü/"]


def test_many_objects_are_deleted_at_once(s3, bucket):
    for name in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    objects = [{"Key": name} for name in ("a", "b", "missing")]

    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})

    assert [each["Key"] for each in deleted["Deleted"]] == ["a", "b", "missing"]
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["c"]


def test_a_copy_keeps_or_replaces_metadata(s3, bucket):
    s3.put_object(
        Bucket=bucket, Key="from here", Body=b"content", Metadata={"owner": "me"}
    )
    source = {"Bucket": bucket, "Key": "from here"}

    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    s3.copy_object(
        Bucket=bucket,
        Key="replaced",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"owner": "you"},
    )
    s3.delete_object(Bucket=bucket, Key="from here")

    kept, replaced = (
        s3.get_object(Bucket=bucket, Key=key) for key in ("kept", "replaced")
    )
    assert kept["Body"].read() == replaced["Body"].read() == b"content"
    assert (kept["Metadata"], replaced["Metadata"]) == (
        {"owner": "me"},
        {"owner": "you"},
    )


def test_a_multipart_upload_and_copy_by_boto3s_own_transfer(s3, bucket):
    body = bytes(range(256)) * (20 * 4096)

    s3.upload_fileobj(io.BytesIO(body), bucket, "large")
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copied")
    target = io.BytesIO()
    s3.download_fileobj(bucket, "copied", target)

    assert target.getvalue() == body
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-3"')


def test_parts_are_listed_checked_and_aborted(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="x")["UploadId"]
    here = {"Bucket": bucket, "Key": "x", "UploadId": upload}
    etag = s3.upload_part(**here, PartNumber=2, Body=b"part")["ETag"]

    (part,) = s3.list_parts(**here)["Parts"]
    assert (part["PartNumber"], part["Size"], part["ETag"]) == (2, 4, etag)
    wrong = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    with pytest.raises(ClientError) as missing:
        s3.complete_multipart_upload(**here, MultipartUpload=wrong)
    assert code(missing) == "InvalidPart"
    s3.abort_multipart_upload(**here)
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.list_parts(**here)


def test_parts_that_are_too_small_are_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="x")["UploadId"]
    here = {"Bucket": bucket, "Key": "x", "UploadId": upload}
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**here, PartNumber=number, Body=b"p")["ETag"],
        }
        for number in (1, 2)
    ]

    with pytest.raises(ClientError) as small:
        s3.complete_multipart_upload(**here, MultipartUpload={"Parts": parts})

    assert code(small) == "EntityTooSmall"


def test_a_presigned_url_reads_and_writes(s3, bucket):
    there = {"Bucket": bucket, "Key": "x y"}
    put = s3.generate_presigned_url("put_object", Params=there)
    get = s3.generate_presigned_url(
        "get_object", Params={**there, "ResponseContentType": "text/plain"}
    )

    assert requests.put(put, data=b"content", timeout=60).status_code == 200
    answer = requests.get(get, timeout=60)

    assert answer.content == b"content"
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_bucket_in_the_host_name(rig, bucket):
    rig.s3.put_object(Bucket=bucket, Key="a/b", Body=b"content")
    host, port = rig.server.url.removeprefix("http://").split(":")
    url = rig.s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a/b"}
    )
    query = url.partition("?")[2]
    connection = http.client.HTTPConnection(host, int(port), timeout=60)

    connection.request("GET", f"/a/b?{query}", headers={"Host": f"{bucket}.localhost"})

    assert connection.getresponse().read() == b"content"
    connection.close()


def streamed(rig, bucket, body, headers):
    scope = "AK/20260101/eu-west-1/s3/aws4_request"
    fixed = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
        "Content-Encoding": "aws-chunked",
    }
    return requests.put(
        f"{rig.server.url}/{bucket}/x", data=body, headers=fixed | headers, timeout=60
    )


@pytest.mark.parametrize("algorithm", ["crc32", "crc32c", "crc64nvme"])
def test_a_chunked_upload_with_a_trailing_checksum(rig, bucket, algorithm):
    computed, name = new_checksum(algorithm), f"x-amz-checksum-{algorithm}"
    computed.update(b"hello world")
    checksum = encoded(computed)
    trailer = f"{name}:{checksum}\r\n\r\n".encode()
    body = b"6\r\nhello \r\n5;chunk-signature=abc\r\nworld\r\n0\r\n" + trailer
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "11",
        "x-amz-trailer": name,
    }

    answer = streamed(rig, bucket, body, headers)
    wrong = streamed(rig, bucket, body.replace(b"hello", b"jello"), headers)

    assert answer.status_code == 200
    assert answer.headers[name] == checksum
    assert "<Code>BadDigest</Code>" in wrong.text
    found = rig.s3.get_object(Bucket=bucket, Key="x")
    assert found["Body"].read() == b"hello world"
    assert "ContentEncoding" not in found


@pytest.mark.parametrize(
    "body", [b"", b"zz\r\n", b"-5\r\nhello", b"5\r\nhel", b"5\r\nhello!!\r\n0\r\n\r\n"]
)
def test_a_broken_chunked_upload_stores_nothing(rig, bucket, body):
    headers = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}

    answer = streamed(rig, bucket, body, headers)

    assert answer.status_code == 400
    assert "<Code>IncompleteBody</Code>" in answer.text
    assert "Contents" not in rig.s3.list_objects_v2(Bucket=bucket)


def test_what_is_not_supported_is_named(s3, bucket):
    with pytest.raises(ClientError, match="does not support GetBucketAcl") as acl:
        s3.get_bucket_acl(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="y", Body=b"")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="y", PartNumber=1)
    with pytest.raises(ClientError, match="x-amz-tagging") as tagged:
        s3.put_object(Bucket=bucket, Key="x", Body=b"", Tagging="a=b")

    assert code(acl) == code(tagged) == "NotImplemented"
    assert status(acl) == 400


def test_a_document_with_a_dtd_is_refused(rig, bucket):
    dtd = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    bomb = dtd + b"<Delete><Object><Key>&a;</Key></Object></Delete>"
    scope = "AK/20260101/eu-west-1/s3/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}

    answer = requests.post(
        f"{rig.server.url}/{bucket}?delete", data=bomb, headers=signed, timeout=60
    )

    assert answer.status_code == 400
    assert "<Code>MalformedXML</Code>" in answer.text
