"""A loaded model, and what identifies it in each answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from slipway.container.artifact import Artifact, verify_artifact
from slipway.container.features import Feature
from slipway.container.model_class import check_model_class
from slipway.container.predictions import check_predictions


@dataclass(frozen=True)
class Identity:
    """Which model answers."""

    #: The model's name.
    name: str
    #: The model version, as the controller numbered it; "0" where none did.
    version: str
    #: The digest of the artifact.
    artifact_digest: str

    def document(self) -> dict[str, str]:
        """Return the identity as an answer holds it."""
        return {
            "name": self.name,
            "version": self.version,
            "artifact_digest": self.artifact_digest,
        }


@dataclass(frozen=True)
class Scorer:
    """A model that was loaded from a verified artifact."""

    #: What Model.load() returned.
    model: Any
    #: Which model it is.
    identity: Identity
    #: What it predicts from.
    features: tuple[Feature, ...]

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's answers, after their check."""
        where = f"models/{self.identity.name}/model.py"
        return check_predictions(self.model.predict(frame.copy()), frame, where)


def load_scorer(
    found: Any,
    folder: Path,
    *,
    model: str | None = None,
    version: str = "0",
    expected_digest: str | None = None,
) -> Scorer:
    """Verify the artifact in `folder`, then load it with the class `found`.

    Raises:
        IntegrityError: a file is not the one of the manifest; nothing was deserialised.
        ModelContractError: the class breaks a rule.
    """
    artifact: Artifact = verify_artifact(folder, model=model, expected=expected_digest)
    checked = check_model_class(found, f"models/{artifact.model}/model.py")
    identity = Identity(artifact.model, version, artifact.digest)
    return Scorer(checked.load(folder), identity, artifact.features)
