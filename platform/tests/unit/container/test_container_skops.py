import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from slipway.container import load_estimator, save_estimator

ROWS = np.random.default_rng(0).normal(size=(60, 4))
TARGET = (ROWS[:, 0] > 0).astype(int)


def fitted(make):
    return make().fit(ROWS, TARGET)


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        lambda: RandomForestClassifier(n_estimators=5, random_state=0),
    ],
)
def test_equal_trainings_write_equal_bytes_that_predict_the_same(make, tmp_path):
    estimators = [fitted(make), fitted(make)]
    paths = [tmp_path / "a.skops", tmp_path / "b.skops"]
    for estimator, path in zip(estimators, paths, strict=True):
        save_estimator(estimator, path)

    assert paths[0].read_bytes() == paths[1].read_bytes()
    loaded = load_estimator(paths[0], trusted=["sklearn.tree._tree.Tree"])
    expected = estimators[0].predict_proba(ROWS)
    np.testing.assert_array_equal(loaded.predict_proba(ROWS), expected)


def test_another_training_writes_other_bytes(tmp_path):
    for name, penalty in (("a", 1.0), ("b", 0.1)):
        estimator = fitted(lambda penalty=penalty: LogisticRegression(C=penalty))
        save_estimator(estimator, tmp_path / name)

    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()
