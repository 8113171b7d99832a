import re

import numpy as np
import pytest

from slipway.container.metric_log import METRIC_REGEX, log_line
from slipway.container.metrics import (
    BINARY,
    METRICS,
    MULTICLASS,
    REGRESSION,
    measure,
    task_of,
)
from slipway.errors import ModelContractError
from slipway.spec.model import MetricName

TRUTH = np.array([0, 0, 1, 1])
ANSWERS = {
    "prediction": np.array([0, 1, 1, 1]),
    "score": np.array([0.1, 0.6, 0.7, 0.9]),
}


def test_every_metric_that_a_gate_may_name_is_in_the_table() -> None:
    assert set(METRICS) == set(MetricName.__args__)


@pytest.mark.parametrize(
    ("target", "gated", "kind"),
    [
        ([0, 1, 1], (), BINARY),
        ([True, False], (), BINARY),
        (["a", "b"], (), BINARY),
        (["a", "b", "c"], (), MULTICLASS),
        ([1, 2, 3], (), REGRESSION),
        ([1, 2, 3], ("accuracy",), MULTICLASS),
        ([0.5, 1.5], (), REGRESSION),
        ([0.0, 1.0], ("roc_auc",), BINARY),
    ],
)
def test_the_task_follows_from_the_target_and_the_gates(
    target: list[object], gated: tuple[str, ...], kind: str
) -> None:
    assert task_of(np.array(target), gated).kind == kind


def test_a_binary_task_has_the_metrics_of_labels_and_of_scores() -> None:
    found = measure(task_of(TRUTH, ()), TRUTH, ANSWERS, ())

    assert found["roc_auc"] == 1.0
    assert found["accuracy"] == 0.75
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == 1.0
    assert set(found) == {n for n, m in METRICS.items() if BINARY in m.kinds}


def test_words_as_classes_are_measured_by_the_last_one() -> None:
    truth = np.array(["no", "no", "yes", "yes"], dtype=object)
    answers = {
        **ANSWERS,
        "prediction": np.array(["no", "yes", "yes", "yes"], dtype=object),
    }

    found = measure(task_of(truth, ()), truth, answers, ("recall",))

    assert found["recall"] == 1.0
    assert found["roc_auc"] == 1.0


def test_more_than_two_classes_are_averaged() -> None:
    truth = np.array(["a", "b", "c"], dtype=object)

    found = measure(task_of(truth, ()), truth, {"prediction": truth}, ())

    assert found == {"accuracy": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_a_regression_has_errors_and_r2() -> None:
    truth = np.array([1.5, 2.5, 3.5])

    found = measure(task_of(truth, ()), truth, {"prediction": truth + 1}, ("rmse",))

    assert found["rmse"] == pytest.approx(1.0)
    assert set(found) == {"rmse", "mae", "r2"}


def test_a_gated_metric_that_the_rows_do_not_define_is_an_error() -> None:
    with pytest.raises(ModelContractError, match=r"gates\.roc_auc .* both classes"):
        measure(
            task_of(TRUTH, ()),
            TRUTH[2:],
            {k: v[2:] for k, v in ANSWERS.items()},
            ("roc_auc",),
        )


def test_a_gated_metric_of_another_task_is_an_error() -> None:
    with pytest.raises(ModelContractError, match=r"gates\.rmse .* measures regression"):
        measure(task_of(TRUTH, ()), TRUTH, ANSWERS, ("rmse",))


@pytest.mark.parametrize("value", [0.99321234, 1e-09, 12345678.9, -0.5, 1.0])
def test_sagemaker_finds_each_metric_in_the_log(value: float) -> None:
    line = f"2026-01-31 INFO slipway.container.train {log_line('f1', value)}"

    found = re.findall(METRIC_REGEX.format(name="f1"), line)

    assert float(found[0]) == pytest.approx(value, rel=1e-5)
    assert not re.search(METRIC_REGEX.format(name="1"), line)
