"""Container images: built by a daemon from wheels, without a network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient

from slipway.errors import StepFailedError
from slipway.images import BuiltImage, build_image
from slipway.images.base_image import choose_base
from slipway.images.contents import Contents
from slipway.images.docker_image import build_docker_image, connected

pytestmark = pytest.mark.docker

REGISTRY = "000000000000.dkr.ecr.eu-west-1.amazonaws.com"
NAME = "slipway-test/scratch:1"


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    with connected() as client:
        yield client


@pytest.fixture(scope="module")
def image(example: Path, store: Path) -> BuiltImage:
    return build(example, store)


@pytest.fixture
def scratch(client: DockerClient, tmp_path: Path) -> Iterator[Contents]:
    """Yield the contents of an image that costs nothing to build, and clean up."""
    (tmp_path / "wheels" / "wheelhouses").mkdir(parents=True)
    yield Contents("churn", choose_base(client), {"requirements.txt": b""})
    if client.images.list(NAME):
        client.images.remove(NAME, force=True)


def build(folder: Path, store: Path) -> BuiltImage:
    return build_image(
        folder,
        kind="docker",
        registry=REGISTRY,
        images_root=store / "images",
        cache=store / "wheels",
    )


def with_dockerfile(contents: Contents, *lines: str) -> Contents:
    text = "\n".join(["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", *lines])
    return replace(contents, files={**contents.files, "Dockerfile": text.encode()})


def test_the_image_carries_its_model_and_digest(
    client: DockerClient, image: BuiltImage
) -> None:
    found = client.images.get(image.uri)
    assert found.labels["slipway.model"] == "tumor_malignancy"
    assert found.labels["slipway.digest"] == image.digest
    assert (found.attrs["Os"], found.attrs["Architecture"]) == ("linux", "amd64")


def test_the_image_runs_as_sagemaker_runs_it(
    client: DockerClient, image: BuiltImage
) -> None:
    configured = client.images.get(image.uri).attrs["Config"]
    assert configured["Entrypoint"] == ["python", "-m", "slipway.container"]
    assert configured["User"] in {"", "root"}
    assert "SLIPWAY_MODEL=tumor_malignancy" in configured["Env"]
    assert "PYTHONPATH=/opt/slipway/platform:/opt/slipway/models" in configured["Env"]
    helped = client.containers.run(
        image.uri, ["--help"], network_mode="none", remove=True
    )
    assert b"preprocess" in helped


def test_the_image_holds_no_more_of_the_platform_than_it_runs(
    client: DockerClient, image: BuiltImage
) -> None:
    code = "import importlib.util as u; print(u.find_spec('slipway.controller'))"
    printed = client.containers.run(
        image.uri, ["-c", code], entrypoint="python", network_mode="none", remove=True
    )
    assert printed.strip() == b"None"


def test_the_same_image_is_not_built_twice(
    example: Path, store: Path, image: BuiltImage
) -> None:
    assert build(example, store) == replace(image, cached=True)


def test_a_build_has_no_network(
    client: DockerClient, scratch: Contents, tmp_path: Path
) -> None:
    code = "import os; print(sorted(os.listdir('/sys/class/net')))"
    contents = with_dockerfile(scratch, f'RUN ["python", "-c", "{code}"]')
    lines: list[str] = []
    build_docker_image(
        client, contents, uri=NAME, cache=tmp_path, progress=lines.append
    )
    assert "['lo']" in lines


def test_a_name_that_another_build_took_meanwhile_is_not_written_over(
    client: DockerClient, scratch: Contents, tmp_path: Path
) -> None:
    other = client.images.get(scratch.base)

    def overtake(_line: str) -> None:
        other.tag(NAME)

    contents = with_dockerfile(scratch, "LABEL slipway.model=churn")
    built = build_docker_image(
        client, contents, uri=NAME, cache=tmp_path, progress=overtake
    )

    assert not built
    assert client.images.get(NAME).id == other.id
    tags = [
        tag
        for image in client.images.list("slipway-test/scratch")
        for tag in image.tags
    ]
    assert [tag for tag in tags if tag.startswith(NAME)] == [NAME]


def test_a_failed_build_is_one_error_with_the_last_lines(
    client: DockerClient, scratch: Contents, tmp_path: Path
) -> None:
    contents = with_dockerfile(
        scratch, 'RUN ["python", "-c", "raise SystemExit(\'no such wheel\')"]'
    )
    with pytest.raises(StepFailedError, match="no such wheel") as caught:
        build_docker_image(client, contents, uri=NAME, cache=tmp_path)
    assert str(caught.value).startswith("Building the image of churn failed (")


def test_a_dockerfile_that_cannot_be_read_is_one_error(
    client: DockerClient, scratch: Contents, tmp_path: Path
) -> None:
    contents = with_dockerfile(scratch, "RUNN true")
    with pytest.raises(StepFailedError, match=r"(?i)unknown instruction: RUNN"):
        build_docker_image(client, contents, uri=NAME, cache=tmp_path)
