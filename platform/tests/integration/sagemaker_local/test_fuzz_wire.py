"""Bytes that no client sends: to the runtime, to S3, and to the port itself."""

import socket

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCOPES = {
    "runtime": "AK/20260101/eu-west-1/sagemaker/aws4_request",
    "s3": "AK/20260101/eu-west-1/s3/aws4_request",
    "sts": "AK/20260101/eu-west-1/sts/aws4_request",
}
#: The parser's own answers to what it does not read: of HTTP, not of AWS.
REFUSED_BY_HTTP = (400, 413, 414, 431, 501, 505)
EXAMPLES = [60, pytest.param(2000, marks=pytest.mark.nightly)]


@pytest.fixture(scope="module")
def fuzzed(new_rig):
    rig = new_rig()
    location = {"LocationConstraint": "eu-west-1"}
    rig.s3.create_bucket(Bucket="fuzz", CreateBucketConfiguration=location)
    rig.s3.put_object(Bucket="fuzz", Key="key", Body=b"content")
    return rig


def raw(rig, request):
    """Send bytes, and return the status and the whole of the answer."""
    host, _, port = rig.server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    status = int(answer.split(b" ", 2)[1]) if answer else 0
    return status, answer


def request_of(method, target, service, *, headers=(), body=b""):
    lines = [
        b"%s %s HTTP/1.1" % (method, target),
        b"Host: 127.0.0.1",
        b"Connection: close",
        b"Authorization: AWS4-HMAC-SHA256 Credential=%s, Signature=0"
        % SCOPES[service].encode(),
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def fuzz(check, examples, **strategies):
    run = settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(given(**strategies)(check))
    run()


def is_answered(status, answer):
    assert 200 <= status < 500, answer
    assert b"Traceback" not in answer


TARGETS = (
    *(b"/%", b"/%zz", b"/%f", b"/%00", b"/%ff%fe", b"/fuzz/%ff", b"/fuzz/%00/x"),
    *(b"/fuzz/%ed%a0%80", b"/fuzz/../..", b"/fuzz/%2e%2e/%2e%2e/etc/passwd", b"//"),
    *(
        b"/fuzz//key",
        b"/fuzz?%ff",
        b"/fuzz?prefix=%ff",
        b"/fuzz?max-keys=9" + b"9" * 99,
    ),
    *(b"/fuzz?max-keys=-1", b"/fuzz?list-type=3", b"/fuzz?continuation-token=%00"),
    *(
        b"/fuzz/key?partNumber=x&uploadId=../..",
        b"/fuzz?encoding-type=x",
        b"/" + b"a" * 9000,
    ),
    *(
        b"/fuzz/" + b"k" * 1025,
        b"/fuzz/key?versionId=x",
        b"/fuzz/key?response-expires=%0d%0a",
    ),
    *(
        b"/endpoints//invocations",
        b"/endpoints/%ff/invocations",
        b"/endpoints/a%2fb/invocations",
    ),
    *(b"/endpoints/a/invocations/b", b"/endpoints/" + b"a" * 500 + b"/invocations"),
    *(
        b"/endpoints/%00/invocations",
        b"/endpoints/..%2f..%2f/invocations",
        b"/endpoints/",
    ),
)


@pytest.mark.parametrize("service", SCOPES)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:40].decode())
def test_an_odd_address_is_answered(fuzzed, service, target):
    for method in (b"GET", b"PUT", b"POST", b"DELETE"):
        is_answered(*raw(fuzzed, request_of(method, target, service)))


HEADERS = st.sampled_from(
    (
        *("Range", "If-Match", "If-None-Match", "If-Modified-Since", "Content-MD5"),
        *("x-amz-copy-source", "x-amz-content-sha256", "x-amz-decoded-content-length"),
        *("x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-trailer", "Expires"),
        *("x-amz-meta-a", "x-amz-tagging", "x-amz-date", "Content-Type", "Accept"),
        *(
            "x-amz-copy-source-range",
            "x-amz-sdk-checksum-algorithm",
            "Content-Encoding",
        ),
        *("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Target-Variant"),
        *("X-Amzn-SageMaker-Inference-Id", "X-Amz-Target", "Expect", "Authorization"),
    )
)
VALUES = st.one_of(
    st.sampled_from(
        (
            *(
                "",
                "x",
                "*",
                '"',
                "bytes=",
                "bytes=5-1",
                "bytes=-0",
                "bytes=9" + "9" * 40,
            ),
            *("bytes=0-1,2-3", "/fuzz/key", "fuzz/%ff", "/", "../..", "STREAMING-X"),
            *("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "-1", "9" * 30, "Thu, 99 Foo 9999"),
            *("UNSIGNED-PAYLOAD", "crc32", "x-amz-checksum-nope", "AAAA", "0" * 64),
        )
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
)
PATHS = st.sampled_from(
    (
        *(
            b"/fuzz",
            b"/fuzz/key",
            b"/fuzz/new",
            b"/",
            b"/fuzz?uploads",
            b"/fuzz?delete",
        ),
        *(b"/fuzz/key?uploads", b"/fuzz/key?uploadId=a", b"/endpoints/x/invocations"),
        *(b"/fuzz/key?partNumber=1&uploadId=a", b"/fuzz?list-type=2", b"/fuzz?tagging"),
    )
)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("service", ["s3", "runtime"])
def test_odd_headers_and_bodies_are_answered(fuzzed, service, examples):
    def check(method, path, headers, body):
        lines = [
            f"{name}: {value}".encode("latin-1") for name, value in headers.items()
        ]
        request = request_of(method, path, service, headers=lines, body=body)
        status, answer = raw(fuzzed, request)
        assert status < 500 or status in REFUSED_BY_HTTP, (request, answer)
        assert b"Traceback" not in answer

    fuzz(
        check,
        examples,
        method=st.sampled_from((b"GET", b"HEAD", b"PUT", b"POST", b"DELETE", b"PATCH")),
        path=PATHS,
        headers=st.dictionaries(HEADERS, VALUES, max_size=3),
        body=st.one_of(st.binary(max_size=200), XML),
    )


XML = st.sampled_from(
    (
        *(b"<", b"<a>", b"<a/>", b"<Delete/>", b"<Delete><Object/></Delete>"),
        b"<Delete><Object><Key>\xff</Key></Object></Delete>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><Delete><Object><Key>&b;</Key></Object></Delete>",
        b"<Delete>" + b"<Object>" * 5000 + b"</Object>" * 5000 + b"</Delete>",
        b"<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
        b"<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>",
    )
)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_bytes_at_the_port_end_in_an_answer_or_a_closed_door(fuzzed, examples):
    def check(start, rest):
        status, answer = raw(fuzzed, start + rest)
        assert status < 500 or status in REFUSED_BY_HTTP, (start + rest, answer)
        assert b"Traceback" not in answer

    starts = st.sampled_from(
        (
            *(
                b"",
                b"GET / HTTP/1.1\r\n",
                b"GET / HTTP/9.9\r\n",
                b"POST / HTTP/1.1\r\n",
            ),
            *(
                b"\r\n\r\n",
                b"GET\r\n\r\n",
                b"GET /\r\n\r\n",
                b"GET / HTTP/1.1\r\n: x\r\n",
            ),
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
            b"GET http://[ HTTP/1.1\r\n\r\n",
            b"GET http://127.0.0.1/fuzz HTTP/1.1\r\n\r\n",
        )
    )
    fuzz(check, examples, start=starts, rest=st.binary(max_size=100))


def test_an_endless_header_is_refused(fuzzed):
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n"

    status, _ = raw(fuzzed, request)

    assert status in REFUSED_BY_HTTP


def test_the_wrong_content_type_does_not_matter_and_breaks_nothing(fuzzed):
    for content_type in (
        "",
        "text/html",
        "application/x-www-form-urlencoded",
        "\xff/a",
    ):
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPES['runtime']}, Signature=0",
            "X-Amz-Target": "SageMaker.ListModels",
            "Content-Type": content_type,
        }
        answer = requests.post(
            fuzzed.server.url, data=b"{}", headers=headers, timeout=60
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("size", [6_291_457, 10_000_000])
def test_a_large_invocation_is_refused(fuzzed, size):
    request = request_of(
        b"POST", b"/endpoints/x/invocations", "runtime", body=bytes(size)
    )

    status, answer = raw(fuzzed, request)

    assert status in (400, 413)
    assert b"Traceback" not in answer
