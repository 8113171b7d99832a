import base64
import errno
import hashlib
import io
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from slipway.sagemaker_local.s3.blobs import Blobs
from slipway.sagemaker_local.s3.body import Body, Produced
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.s3.conditions import Conditions
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.listing import page, successor
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.s3.ranges import parsed_span

STORED = StoredObject("b", "k", "blob", 3, "abc", 1_000_000_000.5)


@pytest.fixture
def store(tmp_path):
    store = ObjectStore(tmp_path)
    store.create_bucket("bucket", "eu-west-1")
    yield store
    store.close()


def put(store, key, content=b""):
    return store.put("bucket", key, Produced([content]))


def blobs(store, tmp_path):
    return sorted(path.name for path in (tmp_path / "blobs").glob("??/*"))


def body(content, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    length = {"content-length": str(len(content))}
    return Body(io.BytesIO(content), length | names)


def chunked(content, **headers):
    kind = {"x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    return body(content, **kind, **headers)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5))
def test_chunks_are_joined_whatever_their_sizes(pieces):
    content = b"".join(b"%x;chunk-signature=0\r\n%b\r\n" % (len(p), p) for p in pieces)
    upload = chunked(content + b"0\r\n\r\n")

    assert b"".join(upload.pieces()) == b"".join(pieces)
    assert upload.size == sum(map(len, pieces))


def test_the_etag_is_the_md5():
    upload = body(b"content")

    list(upload.pieces())

    expected = hashlib.md5(b"content", usedforsecurity=False).hexdigest()
    assert upload.etag == expected


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content_length": "9"}, "IncompleteBody"),
        ({"content_md5": "!"}, "InvalidDigest"),
        ({"content_md5": base64.b64encode(b"short").decode()}, "InvalidDigest"),
        ({"content_md5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ({"x_amz_content_sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
        ({"x_amz_checksum_sha256": "AAAA"}, "BadDigest"),
    ],
)
def test_a_body_that_is_not_what_its_headers_say_is_refused(headers, code):
    upload = body(b"content", **headers)

    with pytest.raises(S3Error) as refused:
        list(upload.pieces())

    assert refused.value.code == code


def test_a_checksum_that_cannot_be_computed_is_named():
    with pytest.raises(S3Error, match="checksum algorithm 'xxhash64'"):
        body(b"x", x_amz_checksum_xxhash64="AAAA")


def test_a_signed_payload_is_checked():
    digest = hashlib.sha256(b"content").hexdigest()

    assert list(body(b"content", x_amz_content_sha256=digest).pieces()) == [b"content"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 10, False)),
        ("bytes=0-0", (0, 1, True)),
        ("bytes=3-", (3, 7, True)),
        ("bytes=-4", (6, 4, True)),
        ("bytes=-40", (0, 10, True)),
        ("bytes=5-2", (0, 10, False)),
        ("bytes=1-2,4-5", (0, 10, False)),
        ("items=0-1", (0, 10, False)),
    ],
)
def test_a_range_is_read_as_rfc_9110_says(text, expected):
    span = parsed_span(text, 10)

    assert (span.start, span.length, span.partial) == expected


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=-0"])
def test_a_range_outside_of_the_object_is_refused(text):
    with pytest.raises(S3Error, match="not satisfiable"):
        parsed_span(text, 10)


def test_a_matching_etag_overrules_the_date():
    late = "Fri, 09 Sep 2001 01:46:41 GMT"
    headers = Headers({"If-Match": '"abc"', "If-Unmodified-Since": "x"})

    assert Conditions.of(headers).allows_read(STORED)
    assert not Conditions.of(Headers({"If-Modified-Since": late})).allows_read(STORED)
    assert not Conditions.of(Headers({"If-None-Match": 'W/"abc"'})).allows_read(STORED)


@given(st.text(min_size=1), st.text())
def test_the_successor_ends_a_prefix(prefix, rest):
    end = successor(prefix)

    assert end is None or prefix + rest < end
    assert end is None or not end.startswith(prefix)


KEYS = st.lists(st.text("ab/", min_size=1, max_size=5), max_size=12, unique=True)


@settings(max_examples=25, deadline=None)
@given(
    names=KEYS,
    prefix=st.text("ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b"]),
    limit=st.integers(1, 4),
)
def test_pages_put_together_are_the_whole_listing(
    tmp_path_factory, names, prefix, delimiter, limit
):
    store = ObjectStore(tmp_path_factory.mktemp("s3"))
    store.create_bucket("bucket", "eu-west-1")
    for name in names:
        put(store, name)
    matching = sorted(name for name in names if name.startswith(prefix))
    expected = set()
    for name in matching:
        end = name.find(delimiter, len(prefix)) if delimiter else -1
        expected.add(name if end < 0 else name[: end + len(delimiter)])
    entries, after = [], None
    while True:
        found = page(
            store.catalogue,
            "bucket",
            prefix=prefix,
            delimiter=delimiter,
            after=after,
            limit=limit,
        )
        here = [each.key for each in found.objects] + list(found.common_prefixes)
        assert len(here) <= limit
        entries.extend(sorted(here))
        if found.last is None:
            break
        after = found.last
    store.close()

    assert entries == sorted(expected)


def test_a_replaced_object_leaves_no_blob(store, tmp_path):
    put(store, "x", b"first")
    last = put(store, "x", b"second")

    assert blobs(store, tmp_path) == [last.blob]


def test_an_upload_that_breaks_leaves_nothing(store, tmp_path):
    put(store, "x", b"first")

    with pytest.raises(S3Error):
        store.put("bucket", "x", body(b"second", content_length="99"))

    stored, file = store.open("bucket", "x")
    with file:
        assert file.read() == b"first"
    assert blobs(store, tmp_path) == [stored.blob]
    assert list((tmp_path / "blobs/unfinished").iterdir()) == []


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(tmp_path, monkeypatch):
    store = Blobs(tmp_path)

    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)

    def write():
        with store.writer() as writer:
            writer.write(b"content")
            writer.keep()

    with pytest.raises(S3Error, match="No space is left"):
        write()

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_crash_left_is_swept_at_the_next_start(store, tmp_path):
    kept = put(store, "x", b"first")
    (tmp_path / "blobs/unfinished/half").write_bytes(b"ha")
    (tmp_path / "blobs/aa").mkdir(exist_ok=True)
    (tmp_path / "blobs/aa/aaaa").write_bytes(b"nobody's")

    ObjectStore(tmp_path).close()

    assert blobs(store, tmp_path) == [kept.blob]
    assert list((tmp_path / "blobs/unfinished").iterdir()) == []


def test_keys_are_any_text(store):
    for key in ("../../etc/passwd", "a//b", ".", "CON", "x" * 1024, string.printable):
        put(store, key, key.encode())
        stored, file = store.open("bucket", key)
        with file:
            assert file.read() == key.encode()
        assert stored.key == key
    with pytest.raises(S3Error, match="too long"):
        put(store, "x" * 1025)
