"""What the tumour malignancy classifier promises beyond what every model does."""

import datetime as dt
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.testing.model_folder import ModelFolder
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


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    """Return a copy of the folder, to change its fixtures."""
    source = Path(__file__).parent.parent
    target = tmp_path / source.name
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return ModelFolder(target)


def extracted(folder: ModelFolder, as_of: str) -> pd.DataFrame:
    asked = {"run_date": "2026-01-31", "parameters": {"as_of": as_of}}
    (folder.fixtures / "parameters.json").write_text(json.dumps(asked))
    rows = folder.extract(folder.path.parent / "ml")
    return pd.read_parquet(rows / "part-00000.parquet").set_index(KEY)


def test_nothing_that_was_learnt_after_the_day_is_read(folder: ModelFolder) -> None:
    rows = extracted(folder, "2024-06-30")
    assert 0 < len(rows) < 64
    assert rows["diagnosed_at"].max() <= dt.date(2024, 6, 30)


@pytest.mark.parametrize(
    ("as_of", "radius"), [("2025-06-30", 17.99), ("2025-07-01", 21.5)]
)
def test_a_patient_is_measured_as_of_the_day(
    folder: ModelFolder, as_of: str, radius: float
) -> None:
    table = folder.fixtures / "warehouse" / "measurements.csv"
    first = table.read_text().splitlines()[1]
    again = first.replace("2025-02-28,17.99", "2025-07-01,21.5")
    table.write_text(f"{table.read_text()}{again}\n")
    assert extracted(folder, as_of).loc[1001, "mean_radius"] == radius
