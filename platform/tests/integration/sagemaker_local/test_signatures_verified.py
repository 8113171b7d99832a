import datetime as dt
import json
import socket
import subprocess
import sys
from urllib.request import Request, urlopen

import boto3
import pytest
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is tested
KEY, SECRET = "AKIATEST", "not/a+secret="
ROLE = "arn:aws:iam::000000000000:role/slipway"


@pytest.fixture(scope="module")
def signed_rig(new_rig, tmp_path_factory):
    file = tmp_path_factory.mktemp("credentials") / "credentials"
    lines = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    file.write_text(f"[default]\n{lines}")
    return new_rig("--credentials", str(file))


@pytest.fixture
def bucket(signed_rig):
    signed_rig.s3 = client(signed_rig, "s3")
    return signed_rig.bucket()


def client(rig, service, key=KEY, secret=SECRET):
    # Botocore's own choice for presigned URLs is still version 2.
    version = {"signature_version": "s3v4"} if service == "s3" else {}
    return boto3.client(
        service,
        endpoint_url=rig.server.url,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **version),
    )


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def signed(
    rig, *, service="sagemaker", body=b"{}", moment=None, path="/", method="POST"
):
    """Return a request as botocore signs it, at a moment of one's own."""
    headers = {"X-Amz-Target": "SageMaker.ListModels"} if service != "s3" else {}
    request = AWSRequest(method, rig.server.url + path, data=body, headers=headers)
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = auth(Credentials(KEY, SECRET), service, "eu-west-1")
    if moment is None:
        signer.add_auth(request)
        return request
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if service == "s3":
        request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    canonical = signer.canonical_request(request)
    text = signer.string_to_sign(request, canonical)
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return request


def sent(request, **changes):
    return requests.request(
        request.method,
        changes.pop("url", request.url),
        data=changes.pop("body", request.data),
        headers={**dict(request.headers), **changes},
        timeout=60,
    )


KEYS = ["plain", "a b/c+d", "ä/%41", "~x!*'()", "//double", "a?b=c&d", "{$key}"]


@pytest.mark.parametrize("key", KEYS)
def test_s3_verifies_what_boto3_signs(signed_rig, bucket, key):
    s3 = client(signed_rig, "s3")

    s3.put_object(Bucket=bucket, Key=key, Body=b"content", Metadata={"a": "x  y"})

    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, Delimiter="|")
    assert [each["Key"] for each in listed["Contents"]] == [key]
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    assert requests.get(url, timeout=60).content == b"content"


def test_streams_and_multipart_uploads_are_verified(signed_rig, bucket, tmp_path):
    s3 = client(signed_rig, "s3")
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * 40_000)

    s3.upload_file(str(file), bucket, "file")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x"}]})

    assert s3.get_object(Bucket=bucket, Key="file")["Body"].read() == file.read_bytes()


@pytest.mark.parametrize("service", ["sagemaker", "sts", "logs", "secretsmanager"])
def test_every_service_verifies(signed_rig, service):
    calls = {
        "sagemaker": "list_models",
        "sts": "get_caller_identity",
        "logs": "describe_log_groups",
        "secretsmanager": "list_secrets",
    }
    getattr(client(signed_rig, service), calls[service])()

    unknown = getattr(client(signed_rig, service, key="AKIAOTHER"), calls[service])
    wrong = getattr(client(signed_rig, service, secret="wrong"), calls[service])
    codes = {refused(unknown), refused(wrong)}

    if service == "sts":
        assert codes == {("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403)}
    else:
        assert codes == {
            ("UnrecognizedClientException", 403),
            ("InvalidSignatureException", 403),
        }


def test_s3_refuses_in_its_own_words(signed_rig):
    unknown = client(signed_rig, "s3", key="AKIAOTHER").list_buckets
    wrong = client(signed_rig, "s3", secret="wrong").list_buckets

    assert refused(unknown) == ("InvalidAccessKeyId", 403)
    assert refused(wrong) == ("SignatureDoesNotMatch", 403)


def test_the_runtime_refuses_in_its_own_shape(signed_rig):
    call = client(signed_rig, "sagemaker-runtime", secret="wrong").invoke_endpoint

    found = refused(call, EndpointName="x", Body=b"{}")

    assert found == ("InvalidSignatureException", 403)


def test_the_placeholder_of_an_open_server_opens_nothing(signed_rig):
    assert refused(signed_rig.sagemaker.list_models)[1] == 403


def test_a_request_that_was_changed_on_its_way_is_refused(signed_rig):
    request = signed(signed_rig)

    assert sent(request).status_code == 200
    assert sent(request, body=b'{"MaxResults": 1}').status_code == 403
    assert sent(request, url=f"{request.url}?x=1").status_code == 403
    target = {"X-Amz-Target": "SageMaker.ListEndpoints"}
    assert sent(request, **target).status_code == 403
    assert sent(request, **{"X-Amz-Security-Token": "unsigned"}).status_code == 403


def test_a_body_that_was_changed_on_its_way_is_not_stored(signed_rig, bucket):
    s3 = client(signed_rig, "s3")
    request = signed(
        signed_rig, service="s3", body=b"right", path=f"/{bucket}/key", method="PUT"
    )

    answer = sent(request, body=b"wrong")

    assert (answer.status_code, b"XAmzContentSHA256Mismatch" in answer.content) == (
        400,
        True,
    )
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_is_off_is_refused(signed_rig, minutes):
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)

    ours = sent(signed(signed_rig, moment=moment))
    s3 = sent(signed(signed_rig, service="s3", moment=moment, method="GET", body=b""))

    assert ours.status_code == s3.status_code == 403
    assert ours.json()["__type"] == "InvalidSignatureException"
    assert b"<Code>RequestTimeTooSkewed</Code>" in s3.content


def test_a_presigned_url_ends(signed_rig):
    s3 = client(signed_rig, "s3")
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10)
    url = s3.generate_presigned_url("list_buckets", ExpiresIn=60)
    old = url.replace(
        url.partition("X-Amz-Date=")[2][:16], moment.strftime("%Y%m%dT%H%M%SZ")
    ).replace(f"{dt.datetime.now(dt.UTC):%Y%m%d}%2F", f"{moment:%Y%m%d}%2F")

    assert requests.get(url, timeout=60).status_code == 200
    assert b"Request has expired" in requests.get(old, timeout=60).content
    assert requests.get(f"{url}0", timeout=60).status_code == 403


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": "AWS4-HMAC-SHA256 Credential="}, "MissingAuthentication"),
        (
            {
                "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/r/sagemaker/aws4_request"
            },
            "IncompleteSignature",
        ),
        (
            {
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/r/sagemaker/"
                "aws4_request, SignedHeaders=host, Signature=00"
            },
            "IncompleteSignature",
        ),
        (
            {
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/r/sagemaker/"
                "aws4_request, SignedHeaders=host, Signature=00",
                "X-Amz-Date": "yesterday",
            },
            "IncompleteSignature",
        ),
    ],
)
def test_half_a_signature_is_refused(signed_rig, headers, code):
    answer = requests.post(
        signed_rig.server.url, data=b"{}", headers=headers, timeout=60
    )

    assert 400 <= answer.status_code < 500
    assert answer.json()["__type"].startswith(code)


def test_signature_version_2_and_signed_chunks_are_refused_by_name(signed_rig):
    url = f"{signed_rig.server.url}/x?AWSAccessKeyId=a&Signature=b&Expires=1"
    assert b"signature version 2" in requests.get(url, timeout=60).content

    request = signed(signed_rig, service="s3", path="/x/y", method="PUT", body=b"")
    hashed = {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    assert b"STREAMING-AWS4" in sent(request, **hashed).content


def test_a_large_body_is_refused_before_it_is_hashed(signed_rig):
    answer = sent(signed(signed_rig, body=b" " * 10_000_000))

    assert answer.status_code == 413


def test_health_says_little_where_others_listen(signed_rig):
    health = requests.get(f"{signed_rig.server.url}/_slipway/health", timeout=60).json()

    assert set(health) == {"executor", "version"}


def test_a_jobs_role_signs_with_a_key_of_its_own(signed_rig, bucket):
    s3 = client(signed_rig, "s3")
    s3.put_object(Bucket=bucket, Key="data/one.txt", Body=b"first")
    signed_rig.sagemaker = client(signed_rig, "sagemaker")
    name = signed_rig.start_processing(bucket)
    assert signed_rig.processing(name)["ProcessingJobStatus"] == "Completed"
    body = s3.get_object(Bucket=bucket, Key="out/environment.json")["Body"].read()

    environment = json.loads(body)
    role = client(
        signed_rig,
        "s3",
        key=environment["AWS_ACCESS_KEY_ID"],
        secret=environment["AWS_SECRET_ACCESS_KEY"],
    )
    assert bucket in {each["Name"] for each in role.list_buckets()["Buckets"]}
    assert SECRET not in body.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:5055"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "10.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/_slipway/health", "/_slipway/faults"])
def test_a_web_page_of_others_is_refused(rig, headers, path):
    answer = requests.get(rig.server.url + path, headers=headers, timeout=60)

    assert answer.status_code == 403
    assert answer.json()["__type"] == "AccessDeniedException"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:1",
        "bucket.localhost",
        "127.0.0.2",
        "[::1]:1",
        "bucket.s3.eu-west-1.amazonaws.com",
    ],
)
def test_names_of_this_machine_and_of_aws_are_let_in(rig, host):
    url = f"{rig.server.url}/_slipway/health"

    with urlopen(Request(url, headers={"Host": host}), timeout=60) as answer:  # noqa: S310
        assert answer.status == 200


def started(*options, env=None):
    return subprocess.run(
        [sys.executable, "-m", "slipway.sagemaker_local", "--port", "0", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=env,
    )


@pytest.mark.parametrize("host", [EVERYWHERE, "192.0.2.1", "example.org"])
def test_another_host_needs_credentials(tmp_path, host):
    folders = ("--state", str(tmp_path / "state"), "--images", str(tmp_path))

    found = started("--host", host, *folders)

    assert found.returncode == 2
    (line,) = found.stderr.splitlines()
    assert "without credentials" in line
    assert not (tmp_path / "state").exists()


def test_credentials_that_are_none_are_refused_and_not_shown(tmp_path):
    file = tmp_path / "credentials"
    file.write_text("hidden")
    folders = ("--state", str(tmp_path / "state"), "--images", str(tmp_path))

    found = started("--credentials", str(file), *folders)

    assert found.returncode == 2
    assert "holds no credentials" in found.stderr
    assert "hidden" not in found.stderr + found.stdout


def test_a_server_for_others_listens_with_credentials(new_rig, monkeypatch):
    monkeypatch.setenv("SLIPWAY_LOCAL_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("SLIPWAY_LOCAL_SECRET_ACCESS_KEY", SECRET)
    rig = new_rig("--host", EVERYWHERE)

    client(rig, "sagemaker").list_models()

    port = int(rig.server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.3", port), timeout=60):
        pass
    assert refused(rig.sagemaker.list_models)[1] == 403


def test_faults_are_not_for_others(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIPWAY_LOCAL_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("SLIPWAY_LOCAL_SECRET_ACCESS_KEY", SECRET)
    folders = ("--state", str(tmp_path / "state"), "--images", str(tmp_path))

    found = started("--host", EVERYWHERE, "--fault-switches", *folders)

    assert found.returncode == 2
    assert "--fault-switches works on 127.0.0.1 only" in found.stderr
