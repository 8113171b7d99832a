"""The metrics of a model on its test rows: a table over scikit-learn."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from slipway.container.metric_log import METRIC_REGEX, log_line
from slipway.errors import ModelContractError

__all__ = [
    "METRICS",
    "METRIC_REGEX",
    "Metric",
    "Task",
    "log_line",
    "measure",
    "task_of",
]

Labels = npt.NDArray[Any]
BINARY = "binary classification"
MULTICLASS = "classification with more than two classes"
REGRESSION = "regression"


@dataclass(frozen=True)
class Metric:
    """One metric: what it measures, and the scikit-learn function that computes it."""

    #: The kinds of target that it is defined for.
    kinds: Collection[str]
    #: `prediction` or `score`: the column that it compares with the target.
    column: str
    #: The function's name in sklearn.metrics.
    function: str
    #: What the function is given beside the two columns.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: What it is given in addition when there are more than two classes.
    multiclass: Mapping[str, Any] = field(default_factory=dict)


_EITHER = (BINARY, MULTICLASS)
_ZERO = {"zero_division": 0}
_MACRO = {"average": "macro"}

METRICS: dict[str, Metric] = {
    "roc_auc": Metric((BINARY,), "score", "roc_auc_score"),
    "average_precision": Metric((BINARY,), "score", "average_precision_score"),
    "accuracy": Metric(_EITHER, "prediction", "accuracy_score"),
    "precision": Metric(_EITHER, "prediction", "precision_score", _ZERO, _MACRO),
    "recall": Metric(_EITHER, "prediction", "recall_score", _ZERO, _MACRO),
    "f1": Metric(_EITHER, "prediction", "f1_score", _ZERO, _MACRO),
    "log_loss": Metric((BINARY,), "score", "log_loss", {"labels": [0, 1]}),
    "brier": Metric((BINARY,), "score", "brier_score_loss"),
    "rmse": Metric((REGRESSION,), "prediction", "root_mean_squared_error"),
    "mae": Metric((REGRESSION,), "prediction", "mean_absolute_error"),
    "r2": Metric((REGRESSION,), "prediction", "r2_score"),
}


@dataclass(frozen=True)
class Task:
    """What a model learns to do, by its target in the training rows."""

    #: BINARY, MULTICLASS or REGRESSION.
    kind: str
    #: The classes, sorted; none for a regression. A binary score is the last one's.
    classes: tuple[Any, ...]


def task_of(target: Labels, gated: Collection[str]) -> Task:
    """Return the task: classes for text, booleans, 0/1, or where a gate says so."""
    words = target.dtype.kind not in "iuf"
    asked = any(METRICS[name].kinds != (REGRESSION,) for name in gated)
    classes = np.unique(target.astype(str) if target.dtype.kind == "O" else target)
    if words or asked or (target.dtype.kind in "iu" and len(classes) <= 2):
        kind = BINARY if len(classes) <= 2 else MULTICLASS
        return Task(kind, tuple(classes.tolist()))
    return Task(REGRESSION, ())


def needs_score(gated: Collection[str]) -> bool:
    """Say whether predict() must return a score: a classification metric is gated."""
    return any(METRICS[name].kinds != (REGRESSION,) for name in gated)


def measure(
    task: Task, target: Labels, answers: Mapping[str, Labels], gated: Collection[str]
) -> dict[str, float]:
    """Return every metric that the task, the answers and the rows allow.

    Raises:
        ModelContractError: a gated metric is not among them.
    """
    defined = {
        name: _compute(metric, task, target, answers)
        for name, metric in METRICS.items()
        if task.kind in metric.kinds and metric.column in answers
    }
    finite = {name: value for name, value in defined.items() if math.isfinite(value)}
    for name in gated:
        if name not in finite:
            raise _undefined(name, task, len(target))
    return finite


def _compute(
    metric: Metric, task: Task, target: Labels, answers: Mapping[str, Labels]
) -> float:
    import sklearn.metrics  # a second: only train pays for it

    truth, answer = target, answers[metric.column]
    options = dict(metric.options)
    if task.kind == BINARY:
        if metric.function in _TWO_CLASSES and len(set(truth.tolist())) < 2:
            return math.nan
        truth = _is_positive(truth, task)
        answer = answer if metric.column == "score" else _is_positive(answer, task)
    elif task.kind == MULTICLASS:
        options |= metric.multiclass
    elif metric.function == "r2_score" and len(truth) < 2:
        return math.nan
    return float(getattr(sklearn.metrics, metric.function)(truth, answer, **options))


def _is_positive(labels: Labels, task: Task) -> npt.NDArray[np.int64]:
    return np.asarray(labels == task.classes[-1], dtype=np.int64)


def _undefined(name: str, task: Task, rows: int) -> ModelContractError:
    kinds = " or ".join(METRICS[name].kinds)
    if task.kind not in METRICS[name].kinds:
        reason = f"it measures {kinds}; the target is {task.kind}"
    else:
        reason = f"the {rows} test rows do not define it: do they hold both classes?"
    return ModelContractError(f"model.yaml: gates.{name} cannot be measured: {reason}")


_TWO_CLASSES = frozenset({"roc_auc_score", "average_precision_score"})
