"""The tumour malignancy classifier."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from slipway.container import load_estimator, save_estimator

KEY = "patient_id"
TARGET = "malignant"
FILE_NAME = "pipeline.skops"


class Model:
    """A logistic regression on standardised measures."""

    def __init__(self, pipeline: Pipeline | None = None) -> None:
        self.pipeline = pipeline or Pipeline([])

    def load_data(self, folder: Path) -> pd.DataFrame:
        """Read the rows that preprocess.py made, from a folder of Parquet files."""
        return pd.read_parquet(folder)

    def train(
        self,
        train: pd.DataFrame,
        validation: pd.DataFrame,  # noqa: ARG002 - it has nothing to stop early by
        hyperparameters: Mapping[str, Any],
    ) -> None:
        """Learn from the rows of `train`."""
        self.pipeline = make_pipeline(
            StandardScaler(),
            LogisticRegression(
                C=hyperparameters["inverse_penalty"],
                max_iter=hyperparameters["max_iterations"],
            ),
        )
        self.pipeline.fit(train.drop(columns=[KEY, TARGET]), train[TARGET])

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the probability of malignancy as `score`, and 1 from a half upwards."""
        features = frame[self.pipeline.feature_names_in_]
        score = self.pipeline.predict_proba(features)[:, 1]
        return pd.DataFrame(
            {"prediction": (score >= 0.5).astype(int), "score": score},
            index=frame.index,
        )

    def save(self, folder: Path) -> None:
        """Write the pipeline into `folder`, in a format that runs no code when read."""
        save_estimator(self.pipeline, folder / FILE_NAME)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(load_estimator(folder / FILE_NAME))
