"""The questions of the template: the same names are refused as everywhere else."""

import re
import sys
from pathlib import Path

import pytest
from botocore.session import get_session
from ruamel.yaml import YAML

from slipway import names
from slipway.errors import InvalidRequestError
from slipway.images.contents import Contents
from slipway.names import LONGEST_MODEL_NAME, check_model_name, resource_name
from slipway.tasks.new_model import create_model

ROOT = Path(__file__).resolve().parents[4]
TEMPLATE = ROOT / "copier-template"
#: What Docker allows as a part of a repository's name, and as a whole tag.
DOCKER_PART = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*")
DOCKER_TAG = re.compile(r"[\w][\w.-]{0,127}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "copier-template").symlink_to(TEMPLATE)
    return tmp_path


def refusal(root: Path, folder: str, **answers: str) -> str:
    """Return what the template itself says against a name or an answer."""
    from copier import run_copy

    with pytest.raises(ValueError, match="Validation error") as caught:
        run_copy(
            str(TEMPLATE),
            root / "models" / folder,
            data={"name": folder, **answers},
            defaults=True,
            quiet=True,
        )
    return str(caught.value)


BAD_NAMES = ["Churn", "churn-risk", "9lives", "a__b", "_a", "a_", "", "größe", "a b"]


@pytest.mark.parametrize("name", [*BAD_NAMES, "a" * 33, "platform", "sklearn", "numpy"])
def test_the_template_refuses_what_slipway_refuses(root: Path, name: str) -> None:
    with pytest.raises(InvalidRequestError):
        names.check_new_model_name(name)
    assert "'name'" in refusal(root, name or "x", name=name)


@pytest.mark.parametrize("name", ["a", "churn", "churn_risk_2", "a" * 32, "x1_y2_z3"])
def test_the_template_takes_what_slipway_takes(root: Path, name: str) -> None:
    assert create_model(root, name, {}).is_dir()


def test_each_reserved_name_of_slipway_is_one_of_the_template() -> None:
    questions = YAML(typ="safe").load((TEMPLATE / "copier.yml").read_text())
    reserved = set(YAML(typ="safe").load(questions["reserved"]["default"]))
    usable = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
    standard = {name for name in sys.stdlib_module_names if usable.fullmatch(name)}
    assert standard <= reserved
    assert reserved >= names._KNOWN_PACKAGES
    for name in reserved & (standard | names._KNOWN_PACKAGES):
        with pytest.raises(InvalidRequestError):
            check_model_name(name)


def test_the_pattern_and_the_length_are_those_of_slipway() -> None:
    validator = (TEMPLATE / "copier.yml").read_text()
    assert f"^{names._MODEL_NAME.pattern}$" in validator
    assert f"name | length > {LONGEST_MODEL_NAME} " in validator


def test_a_refused_name_leaves_nothing_behind(root: Path) -> None:
    with pytest.raises(InvalidRequestError, match="would shadow"):
        create_model(root, "sklearn", {})
    with pytest.raises(InvalidRequestError, match="refuses an answer"):
        create_model(root, "churn", {"target": "Not A Column"})
    assert [*(root / "models").iterdir()] == []


def test_a_name_that_differs_from_the_folder_is_refused(root: Path) -> None:
    assert "must be the same" in refusal(root, "churn", name="fraud")


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"owner": "  "}, "needs an owner"),
        ({"owner": ""}, "needs an owner"),
        ({"owner": "risk\x1b[31m team"}, "one line of text"),
        ({"description": ""}, "one line of text"),
        ({"description": "two\nlines"}, "one line of text"),
        ({"description": "a bell \x07"}, "one line of text"),
        ({"key": "Id"}, "'Id'"),
        ({"key": "mean_radius"}, "column of the demo table"),
        ({"key": "same", "target": "same"}, "both 'same'"),
        ({"target": "recorded_at"}, "column of the demo table"),
    ],
)
def test_an_answer_that_cannot_work_is_refused(
    root: Path, answers: dict[str, str], complaint: str
) -> None:
    assert complaint in refusal(root, "churn", **answers)


def test_each_question_has_help_and_a_validator() -> None:
    questions = YAML(typ="safe").load((TEMPLATE / "copier.yml").read_text())
    asked = {k: v for k, v in questions.items() if k[0] != "_" and k != "reserved"}
    assert list(asked) == ["name", "owner", "description", "key", "target"]
    for name, question in asked.items():
        assert question["help"], name
        assert question["validator"], name


@pytest.mark.parametrize("name", ["a", "churn_risk", "a_" * 15 + "bc", "x" * 32])
def test_a_name_that_is_taken_works_in_docker_and_sagemaker(name: str) -> None:
    check_model_name(name)
    contents = Contents(name, "base", {})
    for part in contents.repository.split("/"):
        assert DOCKER_PART.fullmatch(part)
    assert DOCKER_TAG.fullmatch(contents.tag)
    made = resource_name("production", name, "preprocess", digest="d", generation=12)
    model = get_session().get_service_model("sagemaker")
    for shape in ("TrainingJobName", "ProcessingJobName", "EndpointName", "ModelName"):
        pattern = model.shape_for(shape).metadata["pattern"]
        assert re.fullmatch(pattern, made), (shape, made)
        assert len(made) <= model.shape_for(shape).metadata["max"]
