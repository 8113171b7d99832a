"""ci/base_image.sh, where it has nothing to do."""

import subprocess
from pathlib import Path

import pytest

from slipway.images.base_image import choose_base
from slipway.images.docker_image import connected

ROOT = Path(__file__).resolve().parents[4]
SCRIPT = ROOT / "ci" / "base_image.sh"
NAME = "slipway-test/base:1"


@pytest.mark.docker
def test_an_image_that_is_there_is_not_made_again() -> None:
    with connected() as client:
        client.images.get(choose_base(client)).tag(NAME)
        done = subprocess.run(
            [SCRIPT, NAME], capture_output=True, text=True, check=True
        )
        client.images.remove(NAME, noprune=True)
    assert done.stdout == f"{NAME} is there already\n"


def test_without_docker_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run(
        ["/bin/sh", SCRIPT],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "install Docker first" in done.stderr
