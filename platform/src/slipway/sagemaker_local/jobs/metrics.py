"""The metrics that a training job's log holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import regex

from slipway.sagemaker_local.logs.lines import forward

#: For one definition and one line; a pattern that backtracks longer finds nothing.
_TIMEOUT = 0.1


def final_metrics(
    definitions: Sequence[dict[str, str]], log: Path
) -> list[dict[str, Any]]:
    """Return the last value of each metric definition, as FinalMetricDataList."""
    patterns = [(one["Name"], regex.compile(one["Regex"])) for one in definitions]
    last: dict[str, dict[str, Any]] = {}
    for event in forward(log) if patterns else ():
        for name, pattern in patterns:
            value = _value(pattern, event.message)
            if value is not None:
                moment = event.timestamp / 1000
                last[name] = {"MetricName": name, "Value": value, "Timestamp": moment}
    return list(last.values())


def invalid_pattern(definitions: Sequence[dict[str, str]]) -> str | None:
    """Return the first pattern that does not compile or captures nothing."""
    for one in definitions:
        try:
            if not regex.compile(one["Regex"]).groups:
                return one["Regex"]
        except regex.error:
            return one["Regex"]
    return None


def _value(pattern: regex.Pattern[str], line: str) -> float | None:
    try:
        found = pattern.search(line, timeout=_TIMEOUT)
        return None if found is None else float(found[1])
    except (TimeoutError, ValueError, TypeError):
        return None
