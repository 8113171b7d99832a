"""A trained model's answers on the test rows, and its metrics."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from slipway.container.metrics import measure, needs_score, task_of
from slipway.container.pickles import refuse_pickles
from slipway.container.predictions import (
    PREDICTION,
    SCORE,
    check_predictions,
    same_predictions,
)
from slipway.container.training_data import TrainingData
from slipway.errors import ModelContractError
from slipway.spec import ModelSpec


@dataclass(frozen=True)
class Evaluation:
    """What a saved model answers on the test rows."""

    #: predict()'s result, row by row of the test split.
    answers: pd.DataFrame
    #: Each metric that the rows define; every gated one among them.
    metrics: dict[str, float]


def save_and_evaluate(
    model: Any, folder: Path, data: TrainingData, spec: ModelSpec, where: str
) -> Evaluation:
    """Save `model` to `folder`, load it again, and measure what the loaded one answers.

    Raises:
        ModelContractError: save() left a pickle or nothing, or the loaded model answers
            other than the one that was saved.
    """
    before = _answers(model, data, spec, where)
    model.save(folder)
    if not any(path.is_file() for path in folder.rglob("*")):
        message = (
            f"{where}: save(folder) must write a file into the folder; it wrote none"
        )
        raise ModelContractError(message)
    refuse_pickles(folder)
    after = _answers(type(model).load(folder), data, spec, where)
    if not same_predictions(before, after):
        message = (
            f"{where}: load() must return the model that save() was given;"
            " the two predict differently on the test rows"
        )
        raise ModelContractError(message)
    return Evaluation(after, _metrics(after, data, spec))


def _answers(
    model: Any, data: TrainingData, spec: ModelSpec, where: str
) -> pd.DataFrame:
    frame = data.inputs(data.test)
    return check_predictions(
        model.predict(frame.copy()), frame, where, needs_score=needs_score(spec.gates)
    )


def _metrics(
    answers: pd.DataFrame, data: TrainingData, spec: ModelSpec
) -> dict[str, float]:
    task = task_of(data.train[spec.target].to_numpy(), spec.gates)
    given = {
        name: answers[name].to_numpy()
        for name in (PREDICTION, SCORE)
        if name in answers.columns
    }
    return measure(task, data.test[spec.target].to_numpy(), given, spec.gates)
