"""The pins of a lock for one Python on one platform."""

import pytest

from slipway.errors import InvalidRequestError
from slipway.images.pins import select

LOCK = """\
# Locked by `invoke lock` for the dependencies 3dc7fff64ca11930
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
pywin32==312 ; sys_platform == 'win32' \\
    --hash=sha256:dd
six==1.17.0 \\
    --hash=sha256:ee
    # via python-dateutil
"""


def test_a_container_gets_the_pins_whose_markers_hold_in_it() -> None:
    assert select(LOCK).splitlines() == [
        "numpy==2.4.6 --hash=sha256:aa --hash=sha256:bb",
        "six==1.17.0 --hash=sha256:ee",
    ]


def test_a_pin_without_a_hash_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"'six==1.17.0' has no --hash"):
        select("six==1.17.0\n")


def test_a_line_that_is_no_pin_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="is not a pin"):
        select("--index-url https://example.com\n")
