import gzip
import io
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from slipway.container import load_estimator, save_estimator
from slipway.container.hyperparameters import read_hyperparameters
from slipway.container.model_class import check_model_class
from slipway.container.pickles import refuse_pickles
from slipway.container.predictions import check_predictions
from slipway.errors import IntegrityError, InvalidRequestError, ModelContractError

WHERE = "models/churn/model.py"
FRAME = pd.DataFrame({"age": [1, 2, 3, 4, 5]})


class Complete:
    def load_data(self, folder: Path) -> Any: ...
    def train(self, train: Any, validation: Any, hyperparameters: Any) -> None: ...
    def predict(self, frame: Any) -> Any: ...
    def save(self, folder: Path) -> None: ...
    @classmethod
    def load(cls, folder: Path) -> "Complete":
        raise NotImplementedError


def test_a_complete_class_is_accepted() -> None:
    assert check_model_class(Complete, WHERE) is Complete


class AgeBands(BaseEstimator):
    """An estimator of a model's own."""


def changed(**members: object) -> type:
    return type("Model", (Complete,), members)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Complete(), "Model must be a class; it is Complete"),
        (type("Model", (), {}), "must have the method load_data(folder); it has none"),
        (changed(predict=3), "Model.predict must be a method; it is 3"),
        (changed(predict=lambda _self: None), "must be callable as predict(frame)"),
        (
            changed(load=lambda _self, _folder: None),
            "load(folder) must be a @classmethod",
        ),
        (changed(__init__=lambda _self, _size: None), "Model() must need no argument"),
    ],
)
def test_each_rule_of_the_class_has_its_own_words(found: object, reason: str) -> None:
    with pytest.raises(ModelContractError) as caught:
        check_model_class(found, WHERE)

    assert reason in str(caught.value)
    assert str(caught.value).startswith(WHERE)


def scored(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"prediction": [0] * 5, **columns})


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([1, 2, 3, 4, 5], "a pandas DataFrame; it returned list"),
        (
            pd.DataFrame({"prediction": [1, 2, 3]}),
            "one row per input row; it returned 3 for 5",
        ),
        (
            pd.DataFrame({"answer": [1] * 5}),
            "a column 'prediction'; it returned answer",
        ),
        (scored(prediction=[1, 2, None, 4, 5]), "'prediction' has none in row 2"),
        (scored(prediction=[1, 2, 3, 4, float("inf")]), "is infinite in row 4"),
        (
            scored(score=[0.1, 0.2, 1.5, 0, 1]),
            "'score' from 0 to 1; it is 1.5 in row 2",
        ),
        (scored(score=["a"] * 5), "numbers in 'score'"),
        (scored(age=[1] * 5), "no column of its input; it returned 'age'"),
        (scored(inputs=[1] * 5), "no column of the answer's own keys"),
    ],
)
def test_each_rule_of_predict_has_its_own_words(result: object, reason: str) -> None:
    with pytest.raises(ModelContractError) as caught:
        check_predictions(result, FRAME, WHERE)

    assert str(caught.value).startswith(f"{WHERE}: predict() must return ")
    assert reason in str(caught.value)


def test_a_gated_classifier_must_return_a_score() -> None:
    with pytest.raises(ModelContractError, match="a column 'score'"):
        check_predictions(scored(), FRAME, WHERE, needs_score=True)


def array_of_objects() -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([{}], dtype=object), allow_pickle=True)
    return content.getvalue()


def archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.pkl", b"x"),
        ("model.joblib", b"x"),
        ("deep/model.PICKLE", b"x"),
        ("model.bin", pickle.dumps({"a": 1})),
        ("model.gz", gzip.compress(pickle.dumps(list(range(1000))))),
        ("model.z", zlib.compress(pickle.dumps(list(range(1000))))),
        ("array.npy", array_of_objects()),
        ("arrays.npz", archive("a.npy", array_of_objects())),
        ("weights.pt", archive("archive/data.pkl", b"x")),
        ("weights.zip", archive("data", pickle.dumps([1]))),
    ],
)
def test_a_pickle_is_refused_by_whatever_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ModelContractError, match="may hold no pickle"):
        refuse_pickles(tmp_path)


def test_a_link_in_an_artifact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")

    with pytest.raises(ModelContractError, match="only files and folders"):
        refuse_pickles(tmp_path)


def test_other_files_are_no_pickles(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    (tmp_path / "model.gz").write_bytes(gzip.compress(b"text"))
    np.save(tmp_path / "array.npy", np.arange(3))
    np.savez(tmp_path / "arrays.npz", a=np.arange(3))
    (tmp_path / "empty").write_bytes(b"")

    refuse_pickles(tmp_path)


def test_an_estimator_survives_its_file(tmp_path: Path) -> None:
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    save_estimator(model, tmp_path / "model.skops")
    refuse_pickles(tmp_path)

    loaded = load_estimator(tmp_path / "model.skops")

    assert loaded.predict([[2.0]]) == pytest.approx([4.0])


def test_an_untrusted_type_is_refused_by_name(tmp_path: Path) -> None:
    save_estimator(AgeBands(), tmp_path / "model.skops")
    name = f"{AgeBands.__module__}.AgeBands"

    with pytest.raises(IntegrityError, match=f"types that are not trusted: '{name}'"):
        load_estimator(tmp_path / "model.skops")

    loaded = load_estimator(tmp_path / "model.skops", trusted=[name])
    assert isinstance(loaded, AgeBands)


def test_a_file_that_is_no_estimator_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"no archive")

    with pytest.raises(IntegrityError, match=r"model\.skops is no skops file"):
        load_estimator(tmp_path / "model.skops")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{}", {"depth": 3, "rate": 0.1, "fast": False, "name": "a"}),
        (
            '{"depth": "5", "rate": "1e-3", "fast": "true", "name": "7"}',
            {"depth": 5, "rate": 0.001, "fast": True, "name": "7"},
        ),
    ],
)
def test_hyperparameters_have_the_types_of_model_yaml(
    tmp_path: Path, given: str, expected: dict[str, object]
) -> None:
    (tmp_path / "h.json").write_text(given)
    declared = {"depth": 3, "rate": 0.1, "fast": False, "name": "a"}

    assert read_hyperparameters(tmp_path / "h.json", declared) == expected
    assert read_hyperparameters(tmp_path / "none.json", declared) == declared


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ('{"dept": "5"}', "Did you mean 'depth'?"),
        ('{"depth": "2.5"}', "'depth' must be of type integer, not '2.5'"),
    ],
)
def test_a_wrong_hyperparameter_is_an_error(
    tmp_path: Path, given: str, reason: str
) -> None:
    (tmp_path / "h.json").write_text(given)

    with pytest.raises(InvalidRequestError) as caught:
        read_hyperparameters(tmp_path / "h.json", {"depth": 3})

    assert reason in str(caught.value)
