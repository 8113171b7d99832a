"""Calls of S3, made up as data."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

MIB = 1024 * 1024
KEYS = ("a", "a/b", "a/b/c", "a/ü", "a//b", "b c+%41?&", "z/", "\U0001f600", "~")
BODIES = (b"", b"1", b"hello world", bytes(range(256)) * 3)
#: Large enough for a part that is not the last.
PARTS = (*BODIES, bytes(5 * MIB), b"x" * (5 * MIB))
#: Bytes of a body that a failure shows.
_SHOWN = 20
LONG_AGO = dt.datetime(2001, 2, 3, tzinfo=dt.UTC)
RANGES = (
    *("bytes=0-0", "bytes=0-", "bytes=3-5", "bytes=-4", "bytes=2-9999", "bytes=-9999"),
    *("bytes=9999-", "bytes=-0", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2"),
)


@dataclass(frozen=True)
class Call:
    """One call: boto3's method, its members, and the upload that it is about."""

    method: str
    members: Mapping[str, Any] = field(default_factory=dict)
    #: Which of the uploads so far; one that there is not is an id of nothing.
    upload: int | None = None

    def __repr__(self) -> str:
        """Return the call in words, without its megabytes."""
        members = ", ".join(
            f"{name}={_short(value)}" for name, value in self.members.items()
        )
        upload = "" if self.upload is None else f" of upload {self.upload}"
        return f"{self.method}({members}){upload}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


def _short(value: object) -> str:
    if isinstance(value, bytes) and len(value) > _SHOWN:
        return f"{value[:1]!r} * {len(value)}"
    return repr(value)


def etag(body: bytes) -> str:
    """Return the ETag of an object that was put at once."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def md5(body: bytes) -> str:
    """Return the Content-MD5 of a body."""
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


_keys, _bodies = st.sampled_from(KEYS), st.sampled_from(BODIES)
_etags = st.sampled_from([*(etag(body) for body in BODIES), '"0"'])
_etags_or_any = st.one_of(_etags, st.just("*"))
_uploads = st.sampled_from((0, 0, 0, 1, 1, 1, 2, 9))
_none = st.none()
#: The algorithm of the uploads that a sequence begins with; 9 is no upload's number.
UPLOADS = ((None, (0, 0, 9)), ("SHA256", (1,)), ("CRC32", (2,)))
_numbers = st.integers(1, 3)
_headers: dict[str, st.SearchStrategy[Any]] = {
    "ContentType": st.just("text/csv"),
    "CacheControl": st.just("no-cache"),
    "ContentDisposition": st.just("inline"),
    "Metadata": st.sampled_from(({"owner": "me"}, {"a-b": "1", "c": "two words"})),
}
_reads: dict[str, st.SearchStrategy[Any]] = {
    "Range": st.sampled_from(RANGES),
    "IfMatch": _etags_or_any,
    "IfNoneMatch": _etags_or_any,
    "IfModifiedSince": st.just(LONG_AGO),
    "IfUnmodifiedSince": st.just(LONG_AGO),
    "ChecksumMode": st.just("ENABLED"),
}
_lists: dict[str, st.SearchStrategy[Any]] = {
    "Prefix": st.sampled_from(("", "a", "a/", "a/b", "z", "none", "\U0001f600")),
    "Delimiter": st.sampled_from(("/", "b", "//")),
    "MaxKeys": st.integers(0, 3),
}
_algorithms = st.sampled_from(("CRC32", "SHA1", "SHA256"))


def _some(
    optional: Mapping[str, st.SearchStrategy[Any]],
    **required: st.SearchStrategy[Any],
) -> st.SearchStrategy[dict[str, Any]]:
    """Return members: those required, and up to three of the others."""
    few = st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True)
    return few.flatmap(
        lambda names: st.fixed_dictionaries(
            {**required, **{name: optional[name] for name in names}}
        )
    )


def _calls(
    method: str,
    optional: Mapping[str, st.SearchStrategy[Any]],
    *,
    upload: st.SearchStrategy[int] | None = None,
    **required: st.SearchStrategy[Any],
) -> st.SearchStrategy[Call]:
    members = (
        _some(optional, **required) if optional else st.fixed_dictionaries(required)
    )
    return st.builds(
        Call, st.just(method), members, _none if upload is None else upload
    )


def _parts_of(
    algorithm: str | None, uploads: tuple[int, ...]
) -> st.SearchStrategy[Call]:
    """Return the uploads of parts with a checksum of the upload's own algorithm."""
    checked = {"ChecksumAlgorithm": st.just(algorithm)} if algorithm else {}
    return _calls(
        "upload_part",
        {},
        upload=st.sampled_from(uploads),
        PartNumber=_numbers,
        Body=st.sampled_from(PARTS),
        **checked,
    )


@st.composite
def _puts(draw: st.DrawFn) -> Call:
    body = draw(_bodies)
    checked = {
        "ContentMD5": st.just(md5(body)),
        "ChecksumSHA256": st.sampled_from(
            tuple(
                base64.b64encode(hashlib.sha256(each).digest()).decode()
                for each in (body, body + b"!")
            )
        ),
        "ChecksumAlgorithm": _algorithms,
        "IfNoneMatch": st.just("*"),
        "IfMatch": _etags,
    }
    members = draw(_some({**_headers, **checked}, Key=_keys, Body=st.just(body)))
    if "ChecksumSHA256" in members:
        members.pop("ChecksumAlgorithm", None)
    return Call("put_object", members)


_copies: dict[str, st.SearchStrategy[Any]] = {
    **_headers,
    "MetadataDirective": st.sampled_from(("COPY", "REPLACE")),
    "CopySourceIfMatch": _etags,
    "CopySourceIfNoneMatch": _etags,
    "CopySourceIfModifiedSince": st.just(LONG_AGO),
    "CopySourceIfUnmodifiedSince": st.just(LONG_AGO),
}
_named_parts = st.lists(
    st.fixed_dictionaries(
        {"PartNumber": _numbers, "ETag": st.sampled_from([etag(b) for b in PARTS])}
    ),
    max_size=3,
)
#: Every call, the frequent ones more than once.
CALLS = st.one_of(
    *(_puts(), _puts(), _puts()),
    _calls("get_object", _reads, Key=_keys),
    _calls("get_object", _reads, Key=_keys),
    _calls("head_object", _reads, Key=_keys),
    _calls("delete_object", {"IfMatch": _etags_or_any}, Key=_keys),
    _calls(
        "delete_objects",
        {},
        Delete=st.fixed_dictionaries(
            {
                "Objects": st.lists(
                    st.fixed_dictionaries({"Key": _keys}), min_size=1, max_size=3
                ),
                "Quiet": st.booleans(),
            }
        ),
    ),
    *(_calls("copy_object", _copies, Key=_keys, CopySource=_keys) for _ in range(2)),
    _calls("list_objects", {**_lists, "Marker": _keys}),
    _calls(
        "list_objects_v2",
        {**_lists, "StartAfter": _keys, "FetchOwner": st.booleans()},
    ),
    _calls(
        "create_multipart_upload",
        {**_headers, "ChecksumAlgorithm": _algorithms},
        Key=_keys,
    ),
    *(_parts_of(algorithm, numbers) for algorithm, numbers in UPLOADS),
    _calls(
        "upload_part_copy",
        {"CopySourceRange": st.sampled_from(("bytes=0-0", "bytes=3-5"))},
        upload=_uploads,
        PartNumber=_numbers,
        CopySource=_keys,
    ),
    _calls("complete_multipart_upload", {}, upload=_uploads),
    _calls("complete_multipart_upload", {"IfNoneMatch": st.just("*")}, upload=_uploads),
    _calls(
        "complete_multipart_upload",
        {},
        upload=_uploads,
        MultipartUpload=st.fixed_dictionaries({"Parts": _named_parts}),
    ),
    _calls("abort_multipart_upload", {}, upload=_uploads),
    _calls(
        "list_parts",
        {"MaxParts": st.integers(1, 2), "PartNumberMarker": _numbers},
        upload=_uploads,
    ),
    _calls("head_bucket", {}),
    _calls("get_bucket_location", {}),
    _calls("delete_bucket", {}),
)


#: What a sequence begins with, so that most of what follows finds something.
BEGINNING = (
    Call("put_object", {"Key": "a", "Body": BODIES[2]}),
    Call("put_object", {"Key": "a/b", "Body": BODIES[3]}),
    Call("create_multipart_upload", {"Key": "a"}),
    Call("create_multipart_upload", {"Key": "z/", "ChecksumAlgorithm": "SHA256"}),
    Call("create_multipart_upload", {"Key": "~", "ChecksumAlgorithm": "CRC32"}),
)
