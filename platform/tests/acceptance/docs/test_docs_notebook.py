"""The page for other projects, followed: its image, its variables, its program."""

import contextlib
import io
import json
import shlex
import subprocess
import sys

import pytest
from docs_pages import ROOT, Page

from slipway.testing.local_stack import LocalServer

PAGE = Page(ROOT / "docs" / "howto" / "point-a-project-at-the-local-sagemaker.md")
CONTAINER, VARIABLES, PROGRAM = PAGE.blocks("python")


@pytest.fixture
def folder(tmp_path):
    """The reader's folder, with the container in it."""
    (tmp_path / "container.py").write_text(CONTAINER)
    return tmp_path


def followed(url, monkeypatch):
    """Run what stands in the notebook's cells, and return what they print."""
    variables = ("ENDPOINT_URL", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    for name in variables:
        monkeypatch.setenv(f"AWS_{name}", "to be set by the page")
    cells = VARIABLES.replace("http://127.0.0.1:5055", url) + PROGRAM
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(cells, {})  # noqa: S102 - the page's own program
    return said.getvalue()


def printed():
    [shown] = [block for block in PAGE.blocks("") if block.startswith("Completed")]
    return shown


def test_the_page_holds_without_docker(folder, monkeypatch):
    [text] = PAGE.blocks("json")
    image = json.loads(text)
    image["entrypoint"] = [sys.executable, str(folder / "container.py")]
    described = folder / "state" / "images" / "mean" / "1" / "image.json"
    described.parent.mkdir(parents=True)
    described.write_text(json.dumps(image))
    server = LocalServer(folder / "state").start()
    try:
        assert followed(server.url, monkeypatch) == printed()
    finally:
        server.stop()


@pytest.mark.docker
def test_the_page_holds_with_docker(folder, monkeypatch):
    import docker

    from slipway.images.base_image import choose_base

    [dockerfile] = PAGE.blocks("dockerfile")
    with contextlib.closing(docker.from_env()) as client:
        base = choose_base(client)
    first, *rest = dockerfile.splitlines()
    assert first.startswith("FROM ")
    (folder / "Dockerfile").write_text("\n".join([f"FROM {base}", *rest]))
    [build] = [line for line in PAGE.typed if line.startswith("docker build")]
    subprocess.run(shlex.split(build), cwd=folder, check=True, capture_output=True)
    server = LocalServer(folder / "state", executor="docker").start()
    try:
        assert followed(server.url, monkeypatch) == printed()
    finally:
        server.stop()


def test_the_servers_command_is_understood():
    from slipway.sagemaker_local.options import parsed

    command = "-m slipway.sagemaker_local "
    [line] = [line for line in PAGE.typed if command in line]
    options = parsed(shlex.split(line.partition(command)[2]))

    assert (options.port, options.executor, options.images) == (5055, "auto", None)
