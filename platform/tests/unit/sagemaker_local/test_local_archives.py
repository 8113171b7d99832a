import io
import tarfile

import pytest

from slipway.sagemaker_local.archives import (
    joined,
    tar,
    tar_gz,
)
from slipway.sagemaker_local.executors.contract import (
    Collected,
    Entry,
    UnsafePathError,
    below_root,
)
from slipway.sagemaker_local.unpacking import UnsafeArchiveError, unpacked


def archive(*members):
    """Return a tar.gz of (name, type, link) members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, kind, link in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            info.size = 4 if kind == tarfile.REGTYPE else 0
            packed.addfile(info, io.BytesIO(b"data"))
    buffer.seek(0)
    return buffer


def contents(packed):
    return {
        entry.path: None if entry.content is None else b"".join(entry.content)
        for entry in unpacked(packed, "/opt/ml/model")
    }


def test_files_and_folders_are_unpacked():
    packed = archive(
        ("./", tarfile.DIRTYPE, ""),
        ("./a.txt", tarfile.REGTYPE, ""),
        ("b/", tarfile.DIRTYPE, ""),
        ("b/c.txt", tarfile.REGTYPE, ""),
    )

    assert contents(packed) == {
        "/opt/ml/model/a.txt": b"data",
        "/opt/ml/model/b": None,
        "/opt/ml/model/b/c.txt": b"data",
    }


@pytest.mark.parametrize(
    "member",
    [
        ("link", tarfile.SYMTYPE, "/etc/passwd"),
        ("link", tarfile.LNKTYPE, "a.txt"),
        ("pipe", tarfile.FIFOTYPE, ""),
        ("device", tarfile.CHRTYPE, ""),
        ("/etc/passwd", tarfile.REGTYPE, ""),
        ("../outside", tarfile.REGTYPE, ""),
        ("a/../../outside", tarfile.REGTYPE, ""),
    ],
)
def test_links_devices_and_paths_outside_are_refused(member):
    with pytest.raises(UnsafeArchiveError):
        contents(archive(member))


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08broken"])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(UnsafeArchiveError, match=r"not a tar\.gz"):
        contents(io.BytesIO(content))


def test_a_truncated_archive_is_refused():
    whole = archive(("a.txt", tarfile.REGTYPE, "")).getvalue()

    with pytest.raises(UnsafeArchiveError):
        contents(io.BytesIO(whole[: len(whole) // 2]))


def test_the_same_files_make_the_same_archive():
    def packed():
        files = [Collected("a.txt", 4, iter([b"da", b"ta"]))]
        return b"".join(tar_gz(files))

    assert packed() == packed()
    with tarfile.open(fileobj=io.BytesIO(packed())) as found:
        assert found.extractfile("a.txt").read() == b"data"


def test_a_shared_tar_lets_every_user_write():
    entries = [Entry("/opt/ml/model"), Entry("/opt/ml/x", [b"data"], 4)]

    with tarfile.open(fileobj=joined(tar(entries, shared=True)), mode="r|") as found:
        modes = {member.name: member.mode for member in found}

    assert modes == {"opt/ml/model": 0o777, "opt/ml/x": 0o666}


@pytest.mark.parametrize(
    "path",
    [
        "/etc",
        "/opt/ml",
        "/opt/ml/",
        "/opt/ml/../x",
        "/opt/ml/a//b",
        "opt/ml/a",
        "/opt/ml/a\0",
    ],
)
def test_a_path_that_leads_out_is_refused(path):
    with pytest.raises(UnsafePathError):
        below_root(path)


def test_a_path_below_the_root_loses_it():
    assert below_root("/opt/ml/model/") == "model"
