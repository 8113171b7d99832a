"""The folder's files put through its own fixtures: the platform's part of the tests.

`copier recopy` brings this file up to date; your own tests are in test_tumor_malignancy.py.
"""

import os
from pathlib import Path

import pytest

from slipway.testing.model_folder import ModelFolder

FOLDER = ModelFolder(Path(__file__).parent.parent)
GOLDEN = FOLDER.fixtures / "extract.csv"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FOLDER.train(tmp_path_factory.mktemp("ml"))


def test_the_extract_is_the_golden_one(tmp_path: Path) -> None:
    extract = FOLDER.extracted_csv(tmp_path)
    if "SLIPWAY_WRITE_GOLDEN" in os.environ:
        GOLDEN.write_text(extract)
    assert extract == GOLDEN.read_text(), (
        "The rows differ from fixtures/extract.csv. If they should, write it anew and"
        " review the diff: SLIPWAY_WRITE_GOLDEN=1 invoke test --model tumor_malignancy"
    )


def test_the_extract_meets_its_expectations(tmp_path: Path) -> None:
    assert '"passed": true' in (FOLDER.extract(tmp_path) / "quality.json").read_text()


def test_training_measures_each_metric_that_has_a_gate(artifact: Path) -> None:
    assert set(FOLDER.spec.gates) <= set(FOLDER.metrics(artifact))


def test_the_endpoint_answers_the_request_of_the_fixtures(artifact: Path) -> None:
    request = FOLDER.request()
    answer = FOLDER.client(artifact).post("/invocations", json=request)
    assert answer.status_code == 200, answer.text
    assert len(answer.json["predictions"]) == len(request["instances"])


def test_the_same_row_is_always_answered_the_same(artifact: Path) -> None:
    client = FOLDER.client(artifact)
    first, second = (
        client.post("/invocations", json=FOLDER.request()) for _ in range(2)
    )
    assert first.json["predictions"] == second.json["predictions"]
