"""What every test of the platform may count on."""

import os
import signal
import subprocess

import pytest

pytest_plugins = ["conformance_record"]
#: Set where a missing daemon is a defect of the machine, and no reason to skip.
REQUIRE = "SLIPWAY_REQUIRE_DOCKER"


def pytest_configure() -> None:
    """Let SIGINT interrupt again what tests start, and the tests themselves.

    A shell starts its background jobs with SIGINT ignored, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not any(item.get_closest_marker("docker") for item in items):
        return
    if os.environ.get(REQUIRE) or _docker_answers():
        return
    skip = pytest.mark.skip(
        reason=f"no Docker daemon answers; {REQUIRE}=1 forbids this"
    )
    for item in items:
        if item.get_closest_marker("docker"):
            item.add_marker(skip)


def _docker_answers() -> bool:
    try:
        found = subprocess.run(
            ["docker", "info"], capture_output=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
