"""The rules that the result of a model's predict() must keep."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from slipway.errors import ModelContractError

#: The column that every model answers with.
PREDICTION = "prediction"
#: The column of a classifier: the probability of the class it looks for.
SCORE = "score"
#: What an answer to a request holds beside the predictions.
_RESERVED = frozenset({"inputs", "model", "transaction_id"})


def check_predictions(
    result: Any, frame: pd.DataFrame, where: str, *, needs_score: bool = False
) -> pd.DataFrame:
    """Return predict()'s result for `frame`, or raise for the first rule it breaks.

    `where` is the file's name, as in `models/churn/model.py`.
    """
    must = f"{where}: predict() must return"
    if not isinstance(result, pd.DataFrame):
        message = f"{must} a pandas DataFrame; it returned {type(result).__name__}"
        raise ModelContractError(message)
    if len(result) != len(frame):
        message = (
            f"{must} one row per input row; it returned {len(result)} for {len(frame)}"
        )
        raise ModelContractError(message)
    _check_names(result, frame, must, needs_score=needs_score)
    for name in result.columns:
        _check_values(result[name], must)
    if SCORE in result:
        _check_score(result[SCORE], must)
    return result.reset_index(drop=True)


def same_predictions(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Say whether two results agree: the same words, numbers within 1e-9."""
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return False
    return all(_same(first[name], second[name]) for name in first.columns)


def _check_names(
    result: pd.DataFrame, frame: pd.DataFrame, must: str, *, needs_score: bool
) -> None:
    needed = [PREDICTION, SCORE] if needs_score else [PREDICTION]
    for name in needed:
        if name not in result.columns:
            reason = " (a gate is on a classification metric)" if name == SCORE else ""
            found = ", ".join(map(str, result.columns))
            message = f"{must} a column {name!r}{reason}; it returned {found}"
            raise ModelContractError(message)
    names: list[Any] = list(result.columns)
    for name in names:
        if not isinstance(name, str):
            message = f"{must} columns named by text; one is named {name!r}"
            raise ModelContractError(message)
        if name in frame.columns or name in _RESERVED:
            owner = "the answer's own keys" if name in _RESERVED else "its input"
            message = f"{must} no column of {owner}; it returned {name!r}"
            raise ModelContractError(message)
    if result.columns.has_duplicates:
        twice = result.columns[result.columns.duplicated()][0]
        message = f"{must} each column once; it returned {twice!r} twice"
        raise ModelContractError(message)


def _check_values(values: "pd.Series[Any]", must: str) -> None:
    missing = values.isna()
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        message = f"{must} a value in each row; {values.name!r} has none in row {row}"
        raise ModelContractError(message)
    if is_numeric_dtype(values) and not is_bool_dtype(values):
        finite = np.isfinite(values.to_numpy(dtype=np.float64))
        if not finite.all():
            row = int(np.flatnonzero(~finite)[0])
            message = f"{must} finite numbers; {values.name!r} is infinite in row {row}"
            raise ModelContractError(message)


def _check_score(values: "pd.Series[Any]", must: str) -> None:
    if not is_numeric_dtype(values):
        message = f"{must} numbers in 'score'; it returned {values.dtype}"
        raise ModelContractError(message)
    outside = ~values.between(0, 1)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        message = f"{must} a 'score' from 0 to 1; it is {float(values.iloc[row])!r} in row {row}"
        raise ModelContractError(message)


def _same(first: "pd.Series[Any]", second: "pd.Series[Any]") -> bool:
    if is_numeric_dtype(first) and is_numeric_dtype(second):
        one, two = first.to_numpy(np.float64), second.to_numpy(np.float64)
        return bool(np.allclose(one, two, rtol=1e-9, atol=1e-12))
    return bool((first.to_numpy() == second.to_numpy()).all())
