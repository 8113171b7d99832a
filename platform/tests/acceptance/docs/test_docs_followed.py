"""The how-tos, followed: their commands typed, their edits made, in their order."""

import contextlib
import io
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping

import pytest
from docs_pages import ROOT, Page

from slipway.testing.checkout import Checkout, free_port

FIRST_MODEL = Page(ROOT / "docs" / "howto" / "first-model.md")
GATE = Page(ROOT / "docs" / "howto" / "add-a-gate.md")
INSTANCE_TYPE = Page(ROOT / "docs" / "howto" / "change-an-instance-type.md")
REST_API = Page(ROOT / "docs" / "howto" / "use-the-rest-api.md")
SCORING = Page(ROOT / "docs" / "howto" / "score-a-batch.md")
BOTO3 = Page(ROOT / "docs" / "howto" / "use-the-local-stack-from-boto3.md")
#: The model that the first page makes, and the one that the others speak of.
MADE, EXAMPLE = "churn_risk", "tumor_malignancy"

pytestmark = pytest.mark.xdist_group("docs")


@pytest.fixture(scope="module")
def first_model(home: Checkout) -> Checkout:
    """Follow the first page to its end; the rows, features and gate are edited."""
    for line in FIRST_MODEL.typed:
        words = shlex.split(line)
        golden = words[:1] == ["SLIPWAY_WRITE_GOLDEN=1"]
        if golden:
            take_another_column(home)
            words = words[1:]
        # An ordinary test of a fresh folder: test_template_folder.py does it.
        if words[:1] != ["invoke"] or (words[1] == "test" and not golden):
            continue
        with variables({"SLIPWAY_WRITE_GOLDEN": "1"} if golden else {}):
            outcome = home.invoke(*words[1:])
        assert outcome.exit_code == 0, f"{line}\n{outcome.errors}"
    return home


def take_another_column(home: Checkout) -> None:
    column, folder = "mean_perimeter", home.root / "models" / MADE
    tables = home.root / "models" / EXAMPLE / "fixtures" / "warehouse"
    shutil.copytree(tables, folder / "fixtures" / "warehouse", dirs_exist_ok=True)
    edit(home, "extract.sql", "mean_texture\n", f"mean_texture,\n    {column}\n")
    edit(home, "model.yaml", "\n# How rows", f"  {column}: {{ type: number }}\n\n# How")
    request = folder / "fixtures" / "request.json"
    text = request.read_text().replace(
        '"mean_radius"', f'"{column}": 90.0, "mean_radius"'
    )
    request.write_text(text)


def edit(home: Checkout, file: str, old: str, new: str) -> None:
    path = home.root / "models" / MADE / file
    text = path.read_text()
    assert old in text, f"{path} lacks {old!r}"
    path.write_text(text.replace(old, new, 1))


@contextlib.contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def deploy(home: Checkout) -> dict[str, str]:
    """Deploy again, and return how each step ended."""
    words = ("deploy", "--model", MADE, "--date", "2026-01-31", "--json")
    outcome = home.invoke(*words)
    assert outcome.exit_code == 0, outcome.errors
    return {step["name"]: step["outcome"] for step in outcome.data["steps"]}


def test_the_first_model_serves_what_was_edited(first_model: Checkout) -> None:
    golden = first_model.root / "models" / MADE / "fixtures" / "extract.csv"
    answer = first_model.invoke("predict", "--model", MADE, "--json").data
    assert "mean_perimeter" in golden.read_text().splitlines()[0]
    assert "mean_perimeter" in answer["inputs"][0]
    assert answer["model"]["version"] == "2"


def test_another_instance_type_moves_the_endpoint_and_trains_nothing(
    first_model: Checkout,
) -> None:
    [line] = [block.strip() for block in INSTANCE_TYPE.blocks("yaml")]
    edit(first_model, "model.yaml", "serve: ml.m5.large", line)
    steps = deploy(first_model)
    sagemaker = first_model.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName="local-churn-risk")
    config = sagemaker.describe_endpoint_config(
        EndpointConfigName=endpoint["EndpointConfigName"]
    )
    assert steps["train"] == "cached"
    assert steps["deploy"] == "succeeded"
    assert config["ProductionVariants"][0]["InstanceType"] == line.split()[-1]


def test_a_gate_that_is_too_high_is_told_as_the_page_shows(
    first_model: Checkout,
) -> None:
    [line] = [block.strip() for block in GATE.blocks("yaml")]
    edit(first_model, "model.yaml", "log_loss: { max: 0.7 }", line)
    words = ("deploy", "--model", MADE, "--date", "2026-01-31")
    outcome = first_model.invoke(*words)
    edit(first_model, "model.yaml", line, "log_loss: { max: 0.7 }")
    assert outcome.exit_code == 1
    assert "log_loss is 0." in outcome.errors
    assert "and the gate asks for at most 0.05" in outcome.errors


def test_the_boto3_program_of_the_page_runs(
    first_model: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in BOTO3.typed:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", first_model.endpoint_url)
    monkeypatch.chdir(first_model.root)
    [program] = BOTO3.blocks("python")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = program.replace("local-tumor-malignancy", "local-churn-risk")
        exec(code.replace(EXAMPLE, MADE), {})  # noqa: S102 - the page's own program
    assert "InService" in said.getvalue()
    assert '{"predictions":' in said.getvalue()
    assert "objects, such as local/churn_risk/runs/" in said.getvalue()


def test_a_batch_is_scored_and_read_as_the_page_shows(
    first_model: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = [line for line in SCORING.typed if line.startswith("invoke")]
    words = shlex.split(first.replace(EXAMPLE, MADE))
    outcome = first_model.invoke(*words[1:])
    assert outcome.exit_code == 0, outcome.errors
    for line in BOTO3.typed:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", first_model.endpoint_url)
    [program] = SCORING.blocks("python")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(program.replace(EXAMPLE, MADE), {})  # noqa: S102 - the page's own program
    assert "'transaction_id': '20260131-" in said.getvalue()


def test_steps_are_done_over_the_rest_api_as_the_page_shows(
    first_model: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    up, create, status, down = [
        shlex.split(line)[1:] for line in REST_API.typed if line.startswith("invoke")
    ]
    port = str(free_port())
    monkeypatch.setenv("SLIPWAY_CONTROLLER_PORT", port)
    assert first_model.invoke(*up).exit_code == 0
    try:
        made = first_model.invoke(*create, "--json").data
        monkeypatch.setenv("SLIPWAY_TOKEN", made["secret"])
        monkeypatch.setenv("SLIPWAY_CONTROLLER", f"http://127.0.0.1:{port}")
        [program] = REST_API.blocks("python")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(program.replace(EXAMPLE, MADE), {})  # noqa: S102 - the page's own program
        seen = first_model.invoke(*(word.replace("5056", port) for word in status))
    finally:
        ended = first_model.invoke(*down)
    assert ended.exit_code == 0, ended.errors
    assert seen.exit_code == 0, seen.errors
    assert "InService" in seen.output
    assert "extract cached" in said.getvalue()
    assert "quality cached" in said.getvalue()
