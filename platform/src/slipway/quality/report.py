"""The report of a data quality check: what was expected, and what was found."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: The report's file beside the extract.
FILE_NAME = "quality.json"
#: How many broken values a check shows.
SAMPLE = 5


@dataclass(frozen=True)
class Check:
    """One rule on one column, and how the data did."""

    #: The column; None where the rule is about the rows as a whole.
    column: str | None
    #: not_null, finite, range, allowed, unique, freshness or rows.
    rule: str
    #: Whether no value breaks the rule.
    passed: bool
    #: How many values break it.
    count: int
    #: At most five of them, each with its row's key.
    sample: tuple[Mapping[str, Any], ...]
    #: What model.yaml expects, as JSON.
    expected: Any


@dataclass(frozen=True)
class Report:
    """Every check of one extract."""

    #: Rows that were checked.
    rows: int
    #: The checks, by column in the order of model.yaml.
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        checks = [asdict(check) for check in self.checks]
        return {"passed": self.passed, "rows": self.rows, "checks": checks}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Report":
        """Return the report that quality.json holds."""
        checks = [
            Check(**{**check, "sample": tuple(check["sample"])})
            for check in document["checks"]
        ]
        return cls(document["rows"], tuple(checks))


def sentences(report: Report) -> list[str]:
    """Return a sentence for each check that failed: column, rule, count and sample."""
    return [_sentence(check) for check in report.checks if not check.passed]


def json_value(value: Any) -> Any:
    """Return a value of the data as JSON can hold it: dates as ISO text, NaN as null."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _sentence(check: Check) -> str:
    if check.column is None:
        return f"the extract has no rows: expected {check.expected}"
    shown = ", ".join(map(_example, check.sample))
    examples = f", for example {shown}" if shown else ""
    return (
        f"{check.column}: {check.rule} expected {check.expected!r};"
        f" {check.count} {'row does' if check.count == 1 else 'rows do'} not fit{examples}"
    )


def _example(item: Mapping[str, Any]) -> str:
    """Return a value, and the key of its row where it is of one."""
    key = item.get("key")
    return f"{item['value']!r}" + ("" if key is None else f" (key {key!r})")
