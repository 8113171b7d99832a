"""What the tumour malignancy classifier promises beyond what every model does."""

import numpy as np
import pandas as pd

from tumor_malignancy.model import KEY, TARGET, Model
from tumor_malignancy.preprocess import preprocess

HYPERPARAMETERS = {"inverse_penalty": 0.5, "max_iterations": 1000}


def rows() -> pd.DataFrame:
    """Return forty patients whose larger masses are malignant."""
    radius = np.linspace(8, 25, 40)
    malignant = (radius > 15).astype(int)
    return pd.DataFrame(
        {KEY: range(40), TARGET: malignant, "mean_radius": radius, "mean_texture": 1.0}
    )


def trained() -> Model:
    model = Model()
    model.train(rows(), rows(), HYPERPARAMETERS)
    return model


def test_a_larger_mass_is_never_scored_lower() -> None:
    assert trained().predict(rows())["score"].is_monotonic_increasing


def test_malignant_is_predicted_from_a_half_upwards() -> None:
    answers = trained().predict(rows())
    expected = (answers["score"] >= 0.5).astype(int)
    assert answers["prediction"].tolist() == expected.tolist()


def test_the_order_of_the_columns_does_not_matter() -> None:
    model = trained()
    turned = rows()[["mean_texture", "mean_radius"]]
    assert model.predict(turned).equals(model.predict(rows()))


def test_the_date_of_the_diagnosis_is_no_feature() -> None:
    extract = rows().assign(diagnosed_at="2026-01-31")
    assert list(preprocess(extract)) == [KEY, TARGET, "mean_radius", "mean_texture"]
