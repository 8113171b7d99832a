"""The rows of a training job: verified, then read by the model's own load_data()."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from slipway.container.features import Feature, features_of
from slipway.container.files import read_json
from slipway.container.manifest import verify_files
from slipway.container.split import NAMES
from slipway.errors import InvalidRequestError, ModelContractError
from slipway.spec import ModelSpec

#: The reference profile's file in its channel.
PROFILE = "profile/profile.json"


@dataclass(frozen=True)
class TrainingData:
    """The three splits as load_data() returned them, and the features they share."""

    #: Rows that the model learns from.
    train: pd.DataFrame
    #: Rows that training may watch.
    validation: pd.DataFrame
    #: Rows that the metrics are measured on.
    test: pd.DataFrame
    #: What predict() is given, in this order.
    features: tuple[Feature, ...]

    def inputs(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what predict() is given for the rows of `frame`: features alone."""
        return frame[[feature.name for feature in self.features]].copy()


def load_training_data(
    model: Any, channels: Path, spec: ModelSpec, where: str
) -> TrainingData:
    """Return the splits in `channels`, each file checked against the profile's digests."""
    for name in NAMES:
        if not any((channels / name).glob("*.parquet")):
            message = f"The channel {name!r} has no Parquet file: {channels / name}"
            raise InvalidRequestError(message)
    profile = read_json(channels / PROFILE, what="The reference profile")
    verify_files(channels, profile["files"])
    stored = pq.read_table(channels / "train")
    features = features_of(stored, but={spec.key, spec.target})
    needed = [*(feature.name for feature in features), spec.target]
    splits = {
        name: _checked(model.load_data(channels / name), needed, where)
        for name in NAMES
    }
    return TrainingData(**splits, features=features)


def _checked(frame: Any, needed: list[str], where: str) -> pd.DataFrame:
    must = f"{where}: load_data() must return"
    if not isinstance(frame, pd.DataFrame):
        message = f"{must} a pandas DataFrame; it returned {type(frame).__name__}"
        raise ModelContractError(message)
    for name in needed:
        if name not in frame.columns:
            found = ", ".join(map(str, frame.columns))
            message = f"{must} the column {name!r}; it returned {found}"
            raise ModelContractError(message)
    return frame
