"""Built images put through every command, as containers and as processes."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slipway.errors import DataQualityError, SlipwayError, StepFailedError
from slipway.images import Kind, build_image
from slipway.images.docker_image import connected
from slipway.images.fixture_test import StepTime, fixture_test
from slipway.images.unit_tests import run_unit_tests

KINDS = ["process", pytest.param("docker", marks=pytest.mark.docker)]

Put = Callable[[Path, Kind], list[StepTime]]


@pytest.fixture
def put_through(store: Path, example: Path) -> Iterator[Put]:
    """Yield what builds a folder's image and tests it; images of copies are removed."""
    removed: list[str] = []

    def put(folder: Path, kind: Kind) -> list[StepTime]:
        root = store / "images"
        image = build_image(
            folder,
            kind=kind,
            registry="000000000000.dkr.ecr.eu-west-1.amazonaws.com",
            images_root=root,
            cache=store / "wheels",
        )
        if kind == "docker" and folder != example:
            removed.append(image.uri)
        return fixture_test(folder, image, images_root=root)

    yield put
    if removed:
        with connected() as client:
            for uri in removed:
                client.images.remove(uri, force=True)


@pytest.fixture
def copy(example: Path, tmp_path: Path) -> Path:
    """Return a copy of the example model, to be broken."""
    folder = tmp_path / "models" / example.name
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(example, folder, ignore=ignored)
    (tmp_path / "platform").symlink_to(example.parents[1] / "platform")
    (tmp_path / "ci").symlink_to(example.parents[1] / "ci")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_passes_every_step(
    example: Path, kind: Kind, put_through: Put
) -> None:
    steps = put_through(example, kind)
    assert [step.step for step in steps] == ["extract", "preprocess", "train", "serve"]
    assert all(step.seconds > 0 for step in steps)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_cannot_train_is_named_with_its_own_words(
    copy: Path, kind: Kind, put_through: Put
) -> None:
    edit(copy / "model.py", "self.pipeline.fit(", "raise ZeroDivisionError('odd'); (")
    with pytest.raises(StepFailedError, match=r"train failed \(ZeroDivisionError: odd"):
        put_through(copy, kind)


def test_rows_that_break_an_expectation_stop_the_test(
    copy: Path, put_through: Put
) -> None:
    edit(copy / "fixtures" / "warehouse" / "measurements.csv", ",17.99,", ",-17.99,")
    with pytest.raises(DataQualityError, match="mean_radius"):
        put_through(copy, "process")


def test_a_request_that_is_refused_fails_the_test(copy: Path, put_through: Put) -> None:
    edit(
        copy / "fixtures" / "request.json", '"mean_radius": 17.99', '"mean_radius": "x"'
    )
    with pytest.raises(StepFailedError, match="serve answered 400"):
        put_through(copy, "process")


def test_a_model_that_cannot_be_loaded_ends_serve_with_its_reason(
    copy: Path, put_through: Put
) -> None:
    edit(copy / "model.py", "return cls(load_estimator", "raise OSError('gone'); (str")
    with pytest.raises(SlipwayError, match="gone"):
        put_through(copy, "process")


def test_the_unit_tests_of_the_example_pass_on_its_own_packages(
    example: Path, store: Path
) -> None:
    lines: list[str] = []
    run_unit_tests(example, images_root=store / "images", progress=lines.append)
    assert any("passed" in line for line in lines)


def test_a_failing_unit_test_is_shown(copy: Path, store: Path) -> None:
    edit(copy / "preprocess.py", 'columns=["diagnosed_at"]', "columns=[]")
    with pytest.raises(StepFailedError, match="date_of_the_diagnosis_is_no_feature"):
        run_unit_tests(copy, images_root=store / "images")


def test_unit_tests_see_the_models_packages_and_no_others(
    copy: Path, store: Path
) -> None:
    test = (
        "import importlib.util as u\n\n\ndef test_what_is_there():\n"
        "    assert u.find_spec('skops') and not u.find_spec('docker')\n"
    )
    (copy / "tests" / "test_packages.py").write_text(test)
    run_unit_tests(copy, images_root=store / "images")
