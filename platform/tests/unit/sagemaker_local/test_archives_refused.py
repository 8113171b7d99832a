import contextlib
import io
import tarfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.sagemaker_local.unpacking import Bounds, UnsafeArchiveError, unpacked


def packed(*members, compresslevel=9):
    """Return a tar.gz of (name, content, attributes of its header)."""
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", compresslevel=compresslevel
    ) as archive:
        for name, content, attributes in members:
            info = tarfile.TarInfo(name)
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def unpack(archive, bounds=None):
    """Read an archive to its end, and return how many bytes its files have."""
    source = io.BytesIO(archive)
    found = (
        unpacked(source, "/opt/ml/model", bounds)
        if bounds
        else unpacked(source, "/opt/ml/model")
    )
    return sum(len(piece) for entry in found for piece in entry.content or ())


def refusal(archive, bounds=None):
    with pytest.raises(UnsafeArchiveError) as error:
        unpack(archive, bounds)
    return str(error.value)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("a", b"1", {}), ("a", b"2", {})], "'a' is in it twice"),
        ([("a", b"1", {}), ("./a", b"2", {})], "'a' is in it twice"),
        ([("a", b"1", {}), ("a/b", b"2", {})], "'a/b' is below a file"),
        ([("a/b", b"1", {}), ("a", b"2", {})], "'a' is in it twice"),
        ([("a", b"1", {}), ("a/", b"", {"type": tarfile.DIRTYPE})], "in it twice"),
        ([("a", b"", {"type": tarfile.BLKTYPE})], "neither a regular file"),
        ([("a", b"", {"type": tarfile.CONTTYPE})], None),
        ([("..", b"", {"type": tarfile.DIRTYPE})], "leads out"),
        ([(".", b"x", {})], "names no file"),
    ],
)
def test_what_could_be_laid_out_two_ways_is_refused(members, reason):
    if reason is None:
        unpack(packed(*members))
    else:
        assert reason in refusal(packed(*members))


def test_folders_may_be_named_again():
    folder = ("a/", b"", {"type": tarfile.DIRTYPE})

    assert unpack(packed(folder, ("a/b", b"12", {}), folder)) == 2


def test_too_many_members_are_refused():
    archive = packed(*((str(number), b"", {}) for number in range(11)))

    assert "more than 10 members" in refusal(archive, Bounds(members=10))
    assert unpack(archive, Bounds(members=11)) == 0


def test_too_many_bytes_are_refused_before_they_are_unpacked():
    archive = packed(("a", bytes(1000), {}), ("b", bytes(1000), {}))

    assert "more than 1999 bytes" in refusal(archive, Bounds(size=1999))
    assert unpack(archive, Bounds(size=2000)) == 2000


def test_a_bomb_is_refused_while_it_grows():
    archive = packed(("a", bytes(30_000_000), {}))

    assert "200 times its own size" in refusal(archive, Bounds(small=1_000_000))
    assert unpack(archive, Bounds(small=30_000_000)) == 30_000_000


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_header_that_would_fill_the_memory_is_refused(kind):
    info = tarfile.TarInfo("a")
    info.type, info.size = kind, 10 * 1024**3
    archive = compressed(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))

    assert "a header of 10737418240 bytes" in refusal(archive)


def test_a_sparse_file_is_refused():
    headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    headers |= {"GNU.sparse.name": "a", "GNU.sparse.realsize": "1000000000000"}
    content = b"1\n0\n0\n".ljust(512, b"\0")

    assert "neither a regular file" in refusal(
        packed(("a", content, {"pax_headers": headers}))
    )


def test_a_file_that_ends_early_is_refused_by_whoever_reads_it():
    whole = tarfile.TarInfo("a")
    whole.size = 10_000

    assert "not a tar.gz" in refusal(compressed(whole.tobuf() + bytes(512)))


def compressed(content):
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


SOUND = packed(("a", b"first", {}), ("b/c", bytes(3000), {}), ("d" * 150, b"x", {}))


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(
        st.tuples(st.integers(0, 10_239), st.integers(0, 255)), min_size=1, max_size=8
    ),
    st.booleans(),
)
def test_damage_is_refused_or_unpacked_and_never_anything_else(changes, outside):
    raw = bytearray(SOUND if outside else zlib.decompress(SOUND, wbits=31))
    for place, value in changes:
        raw[place % len(raw)] = value
    damaged = bytes(raw) if outside else compressed(bytes(raw))

    with contextlib.suppress(UnsafeArchiveError):
        unpack(damaged, Bounds(size=10_000_000))
