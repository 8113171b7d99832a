import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from slipway.container.scoring import requests
from slipway.errors import IntegrityError, InvalidRequestError, ModelContractError
from slipway.testing.model_folder import ModelFolder

Toy = Callable[..., ModelFolder]
LINES = "application/jsonlines"
ASKED = {"run_id": "20260131-abc", "version": "0"}


def lines(content: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in content.splitlines()]


class Scored:
    """The toy model, trained, and the answers that its endpoint gave to every part."""

    def __init__(self, model: ModelFolder, root: Path) -> None:
        self.model = model
        self.root = root / "score"
        artifact = model.train(root / "train")
        client = model.client(artifact)
        folder = model.prepare(self.root)
        self.answers = {}
        for path in sorted((folder / "lines").iterdir()):
            reply = client.post(
                "/invocations", data=path.read_bytes(), content_type=LINES
            )
            assert reply.status_code == 200, reply.data
            self.answers[f"{path.name}.out"] = reply.data
        first = lines(next(iter(self.answers.values())))[0]
        self.asked = {**ASKED, "artifact_digest": first["model"]["artifact_digest"]}

    def publish(self, **changes: str) -> Path:
        return self.model.publish(self.root, self.answers, **self.asked | changes)


@pytest.fixture
def scored(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scored:
    monkeypatch.setattr(requests, "ROWS_PER_PART", 70)
    return Scored(toy(), tmp_path)


def test_rows_to_score_have_no_target_and_their_keys_beside_them(
    toy: Toy, tmp_path: Path
) -> None:
    model = toy()
    folder = model.prepare(tmp_path / "run")

    manifest = json.loads((folder / "manifest.json").read_text())
    asked = lines((folder / "lines/part-00000.jsonl").read_bytes())
    keys = pq.read_table(folder / "keys/part-00000.parquet")
    assert manifest["rows"] == len(asked) == keys.num_rows == 200
    assert keys.column_names == [model.spec.key]
    assert model.spec.target not in asked[0]
    assert model.spec.key not in asked[0]


def test_the_same_rows_make_the_same_requests(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    first, second = (model.prepare(tmp_path / name) for name in ("one", "two"))

    assert [path.read_bytes() for path in sorted(first.rglob("*.jsonl"))] == [
        path.read_bytes() for path in sorted(second.rglob("*.jsonl"))
    ]


def test_rows_without_a_target_can_be_scored(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    code = (model.path / "preprocess.py").read_text()
    wrapped = code.replace("def preprocess(", "def _features(") + (
        "\n\ndef preprocess(frame):\n"
        f"    return _features(frame).drop(columns=[{model.spec.target!r}])\n"
    )

    unlabelled = toy(preprocess__py=wrapped)
    folder = unlabelled.prepare(tmp_path / "run")

    assert json.loads((folder / "manifest.json").read_text())["rows"] == 200
    with pytest.raises(ModelContractError, match="the target column"):
        unlabelled.preprocess(tmp_path / "run")


def test_predictions_are_published_with_keys_and_transaction_ids(
    scored: Scored,
) -> None:
    folder = scored.publish()

    manifest = json.loads((folder / "manifest.json").read_text())
    parts = sorted(folder.glob("*.parquet"))
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    answered = [row for text in scored.answers.values() for row in lines(text)]
    assert len(parts) == 3
    assert manifest["rows"] == len(rows) == 200
    assert [row["prediction"] for row in rows] == [a["prediction"] for a in answered]
    assert [row["transaction_id"] for row in rows] == [
        f"20260131-abc:{number}" for number in range(200)
    ]
    assert {row["model_version"] for row in rows} == {"0"}
    keys = [row[scored.model.spec.key] for row in rows]
    assert keys == sorted(set(keys))


def test_publishing_again_writes_the_same_bytes(scored: Scored) -> None:
    names = sorted(path.name for path in scored.publish().iterdir())
    first = [(scored.publish() / name).read_bytes() for name in names]

    assert first == [(scored.publish() / name).read_bytes() for name in names]


def test_answers_that_are_not_the_rows_own_are_refused(scored: Scored) -> None:
    name, text = next(iter(scored.answers.items()))
    first, second, *rest = text.splitlines(keepends=True)
    scored.answers[name] = b"".join([second, first, *rest])

    with pytest.raises(IntegrityError, match="row 0 answers something else"):
        scored.publish()


def test_answers_that_are_fewer_are_refused(scored: Scored) -> None:
    name, text = next(iter(scored.answers.items()))
    scored.answers[name] = b"".join(text.splitlines(keepends=True)[:-1])

    with pytest.raises(IntegrityError, match="not as many rows"):
        scored.publish()


def test_answers_of_a_part_that_are_missing_are_refused(scored: Scored) -> None:
    scored.answers.popitem()

    with pytest.raises(IntegrityError, match=r"wrote no part-00002\.jsonl\.out"):
        scored.publish()


def test_answers_of_another_version_are_refused(scored: Scored) -> None:
    with pytest.raises(
        IntegrityError, match=r"answered by version 0 .* not by version"
    ):
        scored.publish(version="7")


def test_a_request_that_does_not_say_which_version_is_refused(scored: Scored) -> None:
    del scored.asked["version"]

    with pytest.raises(InvalidRequestError, match="needs 'version'"):
        scored.publish()
