"""The reference profile: what each column was like in the rows a model learned from."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

#: The quantiles that a profile keeps of a column of numbers.
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
#: Bins of a histogram: each holds about the same number of training rows.
BINS = 10
#: The most frequent values that a profile keeps of a column of words.
TOP = 50


def profile_of(table: pa.Table, *, target: str) -> dict[str, Any]:
    """Return the statistics of each feature and of the target, as JSON holds them."""
    features = {
        name: describe(table.column(name))
        for name in table.column_names
        if name != target
    }
    return {
        "rows": table.num_rows,
        "features": features,
        "target": {"name": target, **describe(table.column(target))},
    }


def describe(values: pa.ChunkedArray) -> dict[str, Any]:
    """Return the statistics of one column: numbers, moments in time, or categories."""
    missing = pc.sum(pc.is_null(values, nan_is_null=True)).as_py() or 0
    seen = values.filter(pc.invert(pc.is_null(values, nan_is_null=True)))
    counts = {
        "count": len(values),
        "null_count": missing,
        "null_share": missing / len(values) if len(values) else 0.0,
    }
    if is_.is_integer(values.type) or is_.is_floating(values.type):
        kind = "integer" if is_.is_integer(values.type) else "number"
        return {"type": kind, **counts, **_numbers(seen)}
    if is_.is_temporal(values.type):
        kind = "date" if is_.is_date(values.type) else "timestamp"
        return {"type": kind, **counts, **_moments(seen)}
    kind = "boolean" if is_.is_boolean(values.type) else "string"
    return {"type": kind, **counts, **_categories(seen)}


def _numbers(seen: pa.ChunkedArray) -> dict[str, Any]:
    if not len(seen):
        return {}
    numbers = seen.to_numpy().astype(np.float64)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)))
    if len(edges) == 1:
        edges = np.array([edges[0], edges[0]])
    counts = np.histogram(numbers, edges)[0] if edges[0] < edges[-1] else [len(numbers)]
    quantiles = np.quantile(numbers, QUANTILES)
    return {
        "mean": float(numbers.mean()),
        "std": float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0,
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "quantiles": {
            str(q): float(v) for q, v in zip(QUANTILES, quantiles, strict=True)
        },
        "histogram": {
            "edges": [float(edge) for edge in edges],
            "counts": [int(count) for count in counts],
        },
    }


def _moments(seen: pa.ChunkedArray) -> dict[str, Any]:
    if not len(seen):
        return {}
    span = pc.min_max(seen).as_py()
    return {"min": span["min"].isoformat(), "max": span["max"].isoformat()}


def _categories(seen: pa.ChunkedArray) -> dict[str, Any]:
    counted = pc.value_counts(seen.combine_chunks()).to_pylist()
    ordered = sorted(counted, key=lambda item: (-item["counts"], str(item["values"])))
    top = [{"value": item["values"], "count": item["counts"]} for item in ordered[:TOP]]
    other = sum(item["counts"] for item in ordered[TOP:])
    return {"distinct": len(ordered), "top": top, "other_count": other}
