"""Process images: folders with their code, on a shared virtual environment."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.errors import StepFailedError
from slipway.images import BuiltImage, build_image
from slipway.images.contents import read_contents
from slipway.images.environment import model_environment, python_of
from slipway.images.process_image import build_process_image

REGISTRY = "000000000000.dkr.ecr.eu-west-1.amazonaws.com"
#: A lock whose hash no file has.
FORGED = b"""\
iniconfig==2.3.1 \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
"""


def build(folder: Path, store: Path) -> BuiltImage:
    return build_image(
        folder,
        kind="process",
        registry=REGISTRY,
        images_root=store / "images",
        cache=store / "wheels",
    )


def test_the_image_says_how_it_runs(example: Path, store: Path) -> None:
    image = build(example, store)
    name = image.uri.removeprefix(f"{REGISTRY}/").replace(":", "/")
    document = json.loads((store / "images" / name / "image.json").read_text())
    assert document["uri"] == image.uri
    assert document["digest"] == image.digest
    assert document["env"]["SLIPWAY_MODEL"] == "tumor_malignancy"
    assert document["entrypoint"][1:] == ["-m", "slipway.container"]
    assert Path(document["entrypoint"][0]).is_absolute()
    helped = subprocess.run(
        [*document["entrypoint"], "--help"],
        env=document["env"],
        cwd=document["working_dir"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "preprocess" in helped.stdout


def test_the_same_image_is_not_built_twice(example: Path, store: Path) -> None:
    first, second = build(example, store), build(example, store)
    assert second == replace(first, cached=True)


def test_the_code_of_the_image_is_compiled(example: Path, store: Path) -> None:
    image = build(example, store)
    name = image.uri.removeprefix(f"{REGISTRY}/").replace(":", "/")
    code = store / "images" / name / "models" / "tumor_malignancy"
    assert [*code.glob("__pycache__/model.*.pyc")]


def test_models_with_the_same_lock_share_an_environment(
    example: Path, store: Path
) -> None:
    lock = (example / "requirements.txt").read_bytes()
    root = store / "images"
    first = model_environment(lock, images_root=root)
    assert model_environment(lock, images_root=root) == first
    code = "import skops, sys; print(sys.prefix)"
    printed = subprocess.check_output([python_of(first), "-c", code], text=True)
    assert Path(printed.strip()) == first


def test_a_package_with_another_hash_is_refused_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    with pytest.raises(StepFailedError, match=r"(?i)hash"):
        model_environment(FORGED, images_root=tmp_path)
    assert [p for p in (tmp_path / "environments").iterdir() if p.name[0] != "."] == []


def test_many_builds_at_once_make_one_image(
    example: Path, store: Path, tmp_path: Path
) -> None:
    root = tmp_path / "images"
    root.mkdir()
    (root / "environments").symlink_to(store / "images" / "environments")
    build(example, store)
    contents = read_contents(example, base="process/test")

    def build_once(_number: int) -> bool:
        return build_process_image(contents, uri="a/b:c", images_root=root)

    with ThreadPoolExecutor(8) as pool:
        made = [*pool.map(build_once, range(8))]
    assert sorted(made) == [False] * 7 + [True]


# Writes half of a folder, says so, and waits to be killed.
HALF = """
import sys
from pathlib import Path
from slipway.images.once import make_once
def fill(folder):
    (folder / "half").write_text("half")
    print("half", flush=True)
    sys.stdin.read()
make_once(Path(sys.argv[1]), fill)
"""


def test_a_build_that_is_killed_is_started_over_by_the_next(tmp_path: Path) -> None:
    from slipway.images.once import make_once

    target = tmp_path / "made"
    with subprocess.Popen(
        [sys.executable, "-c", HALF, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not target.exists()
    assert make_once(target, lambda folder: (folder / "whole").touch()) is True
    assert [path.name for path in target.iterdir()] == ["whole"]
