"""The rules that the result of a model's preprocess() must keep."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from slipway.container.column_types import STORED, type_word
from slipway.errors import ModelContractError
from slipway.spec import ModelSpec


def checked_table(result: Any, spec: ModelSpec) -> pa.Table:
    """Return preprocess()'s result as a table, by key, in the stored types; or raise.

    Rows are in the order of their keys and the columns as the function returned them,
    so that the same rows give the same bytes.
    """
    roles = {"key": spec.key, "target": spec.target}
    table = _checked(result, spec, roles)
    if len(table.column_names) == 2:
        message = f"{_must(spec)} a column beside the key and the target, to learn from"
        raise ModelContractError(message)
    return table


def scored_table(result: Any, spec: ModelSpec) -> pa.Table:
    """Return preprocess()'s result like `checked_table`, without the target; or raise.

    What is scored needs no target: where there is one, the model is not shown it.
    """
    if isinstance(result, pd.DataFrame):
        result = result.drop(columns=[spec.target], errors="ignore")
    return _checked(result, spec, {"key": spec.key})


def _checked(result: Any, spec: ModelSpec, roles: Mapping[str, str]) -> pa.Table:
    where = _must(spec)
    frame = _frame(result, where)
    _require_columns(frame, roles, where)
    table = pa.table(dict(_columns(frame, where)))
    _require_values(table, roles, where)
    return table.sort_by(spec.key)


def _must(spec: ModelSpec) -> str:
    return f"models/{spec.name}/preprocess.py: preprocess() must return"


def _frame(result: Any, where: str) -> pd.DataFrame:
    if not isinstance(result, pd.DataFrame):
        message = f"{where} a pandas DataFrame; it returned {type(result).__name__}"
        raise ModelContractError(message)
    if not len(result):
        message = f"{where} rows; it returned none"
        raise ModelContractError(message)
    names: list[Any] = list(result.columns)
    for name in names:
        if not isinstance(name, str):
            message = f"{where} columns named by text; one is named {name!r}"
            raise ModelContractError(message)
    twice = result.columns[result.columns.duplicated()]
    if len(twice):
        message = f"{where} each column once; {twice[0]!r} comes twice"
        raise ModelContractError(message)
    return result


def _require_columns(frame: pd.DataFrame, roles: Mapping[str, str], where: str) -> None:
    for role, name in roles.items():
        if name not in frame.columns:
            found = "; it is in the index" if name in frame.index.names else ""
            message = (
                f"{where} the {role} column {name!r}{found}; it returned"
                f" {', '.join(frame.columns)}"
            )
            raise ModelContractError(message)


def _columns(frame: pd.DataFrame, where: str) -> Iterator[tuple[str, pa.Array]]:
    for name in frame.columns:
        try:
            values = pa.Array.from_pandas(frame[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            message = f"{where} one type in a column; {name!r} mixes types: {error}"
            raise ModelContractError(message) from error
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if values.null_count == len(values):
            message = f"{where} values in each column; {name!r} has none at all"
            raise ModelContractError(message)
        if (word := type_word(values.type)) is None:
            message = (
                f"{where} columns of {', '.join(STORED)}; {name!r} is {values.type}"
            )
            raise ModelContractError(message)
        yield name, pc.cast(values, STORED[word])


def _require_values(table: pa.Table, roles: Mapping[str, str], where: str) -> None:
    for role, name in roles.items():
        if missing := table.column(name).null_count:
            message = f"{where} a {role} in each row; {name!r} is missing in {missing}"
            raise ModelContractError(message)
    key = roles["key"]
    keys = table.column(key)
    counts = pc.value_counts(keys.combine_chunks())
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(repeated):
        first = repeated[0].as_py()
        message = (
            f"{where} one row for each key; {key!r} is {first['values']!r} in"
            f" {first['counts']} rows, and {len(repeated)} keys come more than once"
        )
        raise ModelContractError(message)
    for name in table.column_names:
        values = table.column(name)
        if pa.types.is_floating(values.type) and pc.any(pc.is_inf(values)).as_py():
            message = f"{where} finite numbers; {name!r} has an infinite one"
            raise ModelContractError(message)
