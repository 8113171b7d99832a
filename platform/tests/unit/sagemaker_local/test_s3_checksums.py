import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from slipway.sagemaker_local.s3.checksums import (
    ALGORITHMS,
    composite,
    encoded,
    new_checksum,
)
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.headers import wanted_checksum

#: The check value of each CRC, as the catalogue of CRCs has it, and the values that
#: AWS's own aws-checksums is tested with.
KNOWN = [
    ("crc32", b"123456789", "cbf43926"),
    ("crc32c", b"123456789", "e3069283"),
    ("crc32c", bytes(32), "8a9136aa"),
    ("crc32c", bytes(range(32)), "46dd794e"),
    ("crc64nvme", b"123456789", "ae8b14860a799888"),
    ("crc64nvme", bytes(32), "cf3473434d4ecf3b"),
    ("crc64nvme", bytes(range(32)), "b9d9d4a8492cbd7f"),
    ("crc64nvme", b"", "0000000000000000"),
]
OF_ALL, OF_PARTS = "FULL_OBJECT", "COMPOSITE"


def wanted(algorithm, kind=None):
    headers = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind}
    return wanted_checksum(Headers({k: v for k, v in headers.items() if v}))


@pytest.mark.parametrize(("algorithm", "content", "value"), KNOWN)
def test_a_checksum_has_the_value_that_is_known(algorithm, content, value):
    checksum = new_checksum(algorithm)
    checksum.update(content)

    assert checksum.digest().hex() == value


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(pieces=st.lists(st.binary(max_size=40), max_size=6))
def test_a_checksum_of_pieces_is_that_of_the_whole(algorithm, pieces):
    running, whole = new_checksum(algorithm), new_checksum(algorithm)
    for piece in pieces:
        running.update(piece)
    whole.update(b"".join(pieces))

    assert encoded(running) == encoded(whole)


def test_two_checksums_at_once_do_not_disturb_each_other():
    one, other = new_checksum("crc64nvme"), new_checksum("crc64nvme")
    one.update(b"1234")
    other.update(b"something else")
    one.update(b"56789")

    assert one.digest().hex() == "ae8b14860a799888"


def test_a_composite_is_the_checksum_of_the_checksums_of_the_parts():
    parts = [hashlib.sha256(each).digest() for each in (b"first", b"second")]
    texts = [base64.b64encode(each).decode() for each in parts]
    expected = base64.b64encode(hashlib.sha256(b"".join(parts)).digest()).decode()

    assert composite("sha256", texts) == f"{expected}-2"


@pytest.mark.parametrize(
    ("algorithm", "kind", "expected"),
    [
        ("CRC32", None, OF_PARTS),
        ("CRC32C", None, OF_PARTS),
        ("CRC64NVME", None, OF_ALL),
        ("SHA1", None, OF_PARTS),
        ("sha256", "composite", OF_PARTS),
        ("CRC32", "FULL_OBJECT", OF_ALL),
        ("CRC32C", "FULL_OBJECT", OF_ALL),
        ("CRC64NVME", "FULL_OBJECT", OF_ALL),
    ],
)
def test_an_upload_has_the_type_of_its_algorithm(algorithm, kind, expected):
    found = wanted(algorithm, kind)

    assert found == {"algorithm": algorithm.lower(), "type": expected}


@pytest.mark.parametrize(
    ("algorithm", "kind", "message"),
    [
        (
            "SHA256",
            OF_ALL,
            "The FULL_OBJECT checksum type cannot be used with the sha256",
        ),
        ("SHA1", OF_ALL, "The FULL_OBJECT checksum type cannot be used with the sha1"),
        (
            "CRC64NVME",
            OF_PARTS,
            "The COMPOSITE checksum type cannot be used with the crc",
        ),
        ("CRC32", "HALF", "Value for x-amz-checksum-type header is invalid"),
        (None, OF_ALL, "can only be used with the x-amz-checksum-algorithm header"),
    ],
)
def test_a_type_that_an_algorithm_has_not_is_refused(algorithm, kind, message):
    with pytest.raises(S3Error, match=message) as refused:
        wanted(algorithm, kind)

    assert refused.value.code == "InvalidRequest"


def test_the_crc_of_zlib_is_ours():
    checksum = new_checksum("crc32")
    checksum.update(b"content")

    assert int.from_bytes(checksum.digest(), "big") == zlib.crc32(b"content")
