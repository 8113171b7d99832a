import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.container.artifact import verify_artifact
from slipway.container.paths import Paths
from slipway.errors import (
    DataQualityError,
    IntegrityError,
    InvalidRequestError,
    ModelContractError,
    SlipwayError,
    SqlError,
)
from slipway.testing.model_folder import ModelFolder
from slipway.testing.toy_model import FILES

Toy = Callable[..., ModelFolder]


def document(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_an_extract_has_parts_a_manifest_and_a_quality_report(
    toy: Toy, tmp_path: Path
) -> None:
    folder = toy().extract(tmp_path / "run")

    manifest = document(folder / "manifest.json")
    assert (
        manifest["rows"] == pq.read_table(folder / "part-00000.parquet").num_rows == 200
    )
    assert manifest["parameters"] == {"as_of": "2026-01-31"}
    assert manifest["files"]["part-00000.parquet"]["rows"] == 200
    assert [column["name"] for column in manifest["schema"]] == [
        "order_id",
        "amount",
        "items",
        "shop",
        "ordered_at",
        "returned",
    ]
    assert document(folder / "quality.json")["passed"] is True


def test_parameters_choose_the_rows(toy: Toy, tmp_path: Path) -> None:
    asked = '{"run_date": "2026-01-31", "parameters": {"as_of": "2025-06-30"}}'
    model = toy(**{"fixtures/parameters__json": asked})

    rows = pq.read_table(model.extract(tmp_path / "run") / "part-00000.parquet")

    assert 0 < rows.num_rows < 200
    assert max(rows["ordered_at"].to_pylist()).isoformat() <= "2025-06-30"


def test_failed_expectations_are_reported_and_do_not_fail_the_job(
    toy: Toy, tmp_path: Path
) -> None:
    spec = FILES["model.yaml"].replace("[0, 1000]", "[0, 500]")

    folder = toy(model__yaml=spec).extract(tmp_path / "run")

    report = document(folder / "quality.json")
    assert report["passed"] is False
    failed = [check for check in report["checks"] if not check["passed"]]
    assert [(check["column"], check["rule"]) for check in failed] == [
        ("amount", "range")
    ]
    assert failed[0]["count"] > 5 == len(failed[0]["sample"])


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        (
            {"extract__sql": "SELECT * FROM ordres WHERE '1' < :as_of"},
            SqlError,
            "'ordres', which the warehouse does not have. Did you mean 'orders'?",
        ),
        (
            {"extract__sql": "SELECT nothing FROM orders WHERE ordered_at < :as_of"},
            SqlError,
            "the warehouse refused the script",
        ),
        (
            {"extract__sql": FILES["extract.sql"].replace("o.amount,", "")},
            DataQualityError,
            "the column 'amount' is missing, expected number",
        ),
        (
            {"fixtures/parameters__json": '{"parameters": {}}'},
            InvalidRequestError,
            "parameters.json needs 'parameters', 'warehouse' and 'run_date'",
        ),
        (
            {
                "fixtures/parameters__json": '{"run_date": "2026-01-31", "parameters": {"as_off": 1}}'
            },
            InvalidRequestError,
            "Did you mean 'as_of'?",
        ),
        (
            {
                "fixtures/parameters__json": '{"run_date": "2026-01-31", "parameters": {},'
                ' "warehouse": {"kind": "lakes"}}'
            },
            InvalidRequestError,
            "'lakes' is not a kind of warehouse. Did you mean 'lake'?",
        ),
    ],
)
def test_an_extract_that_cannot_be_made_says_why(
    toy: Toy, tmp_path: Path, changes: dict[str, str], error: type, reason: str
) -> None:
    with pytest.raises(error) as caught:
        toy(**changes).extract(tmp_path / "run")

    assert reason in str(caught.value)
    output = Paths.below(tmp_path / "run").extract_output
    assert not (output / "manifest.json").exists()


def test_a_script_cannot_leave_the_lake(toy: Toy, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    sql = FILES["extract.sql"].replace("FROM orders", f"FROM read_blob('{other}')")

    with pytest.raises(SqlError, match=r"read_blob\(\) is not allowed"):
        toy(extract__sql=sql).extract(tmp_path / "run")


def test_a_fault_in_the_middle_of_an_answer_is_an_error(
    toy: Toy, tmp_path: Path
) -> None:
    sql = FILES["extract.sql"].replace(
        "o.amount", "CAST(s.name AS double precision) AS amount"
    )

    with pytest.raises(SlipwayError, match=r"extract\.sql: the warehouse"):
        toy(extract__sql=sql).extract(tmp_path / "run")


def test_features_are_the_same_bytes_each_time_and_split_by_key(
    toy: Toy, tmp_path: Path
) -> None:
    model = toy()

    first = document(model.preprocess(tmp_path / "1") / "manifest.json")
    second = document(model.preprocess(tmp_path / "2") / "manifest.json")

    assert first == second
    assert sum(first["rows"].values()) == 200
    assert [feature["name"] for feature in first["features"]] == [
        "amount",
        "items",
        "shop",
        "is_north",
    ]
    profile = document(tmp_path / "1/processing/output/features/profile/profile.json")
    assert profile["features"]["items"]["null_count"] > 0
    assert profile["rows"] == first["rows"]["train"]


def test_a_changed_extract_is_refused_by_preprocess(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    paths = Paths.below(tmp_path / "run")
    part = model.extract(tmp_path / "run") / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"x")

    with pytest.raises(IntegrityError, match="is not the file of the manifest"):
        model.preprocess(tmp_path / "run")
    assert not paths.features_output.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return None", "a pandas DataFrame; it returned NoneType"),
        ("return frame.head(0)", "rows; it returned none"),
        ("return frame.drop(columns='order_id')", "the key column 'order_id'"),
        ("return frame.set_index('order_id')", "'order_id'; it is in the index"),
        ("return frame.drop(columns='returned')", "the target column 'returned'"),
        ("return frame[['order_id', 'returned']]", "a column beside the key"),
        ("return pd.concat([frame, frame])", "one row for each key; 'order_id' is"),
        ("return frame.assign(empty=None)", "'empty' has none at all"),
        ("return frame.assign(mixed=[1, 'a'] * 100)", "'mixed' mixes types"),
        ("return frame.assign(lists=[[1]] * 200)", "'lists' is list"),
        ("return frame.assign(big=float('inf'))", "'big' has an infinite one"),
        ("return frame.assign(order_id=None)", "'order_id' has none at all"),
        ("return frame.rename(columns={'items': 3})", "one is named 3"),
        ("return frame[1:2]", "split has no rows"),
    ],
)
def test_each_rule_of_preprocess_has_its_own_words(
    toy: Toy, tmp_path: Path, body: str, reason: str
) -> None:
    source = f"import pandas as pd\n\n\ndef preprocess(frame):\n    {body}\n"

    with pytest.raises((ModelContractError, InvalidRequestError)) as caught:
        toy(preprocess__py=source).preprocess(tmp_path / "run")

    assert reason in str(caught.value)


def test_an_artifact_is_complete_and_verified(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    artifact = model.train(tmp_path / "run")

    verified = verify_artifact(artifact, model="toy")
    assert {path.name for path in artifact.iterdir()} == {
        "manifest.json",
        "metrics.json",
        "model.skops",
        "profile.json",
    }
    assert [feature.nullable for feature in verified.features] == [
        False,
        True,
        False,
        False,
    ]
    assert model.metrics(artifact)["roc_auc"] > 0.6
    answers = pq.read_table(tmp_path / "run/output/data/test_predictions.parquet")
    assert answers.column_names == ["order_id", "returned", "prediction", "score"]


def test_the_same_rows_train_the_same_artifact(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    first, second = model.train(tmp_path / "1"), model.train(tmp_path / "2")

    assert model.metrics(first) == model.metrics(second)


def test_changed_features_are_refused_by_train(toy: Toy, tmp_path: Path) -> None:
    model = toy()
    features = model.preprocess(tmp_path / "run")
    shutil.copyfile(
        features / "test/part-00000.parquet", features / "train/part-00000.parquet"
    )

    with pytest.raises(IntegrityError, match="is not the file of the manifest"):
        model.train(tmp_path / "run")


def edited(old: str, new: str) -> str:
    source = FILES["model.py"]
    assert old in source
    return source.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def save(", "def store(", "must have the method save(folder)"),
        ("pd.read_parquet(folder)", "None", "load_data() must return a pandas DataFrame"),
        (
            "pd.read_parquet(folder)",
            "pd.read_parquet(folder).drop(columns='shop')",
            "load_data() must return the column 'shop'",
        ),
        ('"score": scores}', '"score": scores}).head(3)[[]].assign(**{"prediction": 1}', "one row per input row"),
        ('"score": scores', '"chance": scores', "a column 'score' (a gate is on"),
        ('Path(folder) / "model.skops")\n\n', 'Path(folder) / "model.pkl")\n\n', "may hold no pickle"),
        ('save_estimator(self.estimator, Path(folder) / "model.skops")', "pass", "must write a file"),
        (
            'return cls(load_estimator(Path(folder) / "model.skops"))',
            'e = load_estimator(Path(folder) / "model.skops"); e.intercept_ += 1; return cls(e)',
            "load() must return the model that save() was given",
        ),
        (
            'save_estimator(self.estimator, Path(folder) / "model.skops")',
            (
                'save_estimator(self.estimator, Path(folder) / "model.skops")\n'
                '        (Path(folder) / "manifest.json").touch()'
            ),
            "must leave the name 'manifest.json' to the platform",
        ),
    ],
)  # fmt: skip
def test_each_rule_of_training_has_its_own_words(
    toy: Toy, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(ModelContractError) as caught:
        toy(model__py=edited(old, new)).train(tmp_path / "run")

    assert reason in str(caught.value)
    assert not Paths.below(tmp_path / "run").model.exists()
