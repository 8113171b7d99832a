"""The expectations of `model.yaml`, checked on a stream of batches."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from slipway.quality.report import SAMPLE, Check, Report, json_value
from slipway.quality.rising import Rising
from slipway.quality.rules import Rule, value_rules
from slipway.spec import Column


class Expectations:
    """Counts, batch by batch, what breaks the expectations; holds no rows but samples."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        schema: pa.Schema,
        *,
        key: str,
        run_date: dt.date,
    ) -> None:
        self._columns = columns
        self._key = key
        self._run_date = run_date
        self._rows = 0
        self._tallies = [
            _Tally(rule)
            for name, column in columns.items()
            for rule in value_rules(name, column, schema.field(name).type)
        ]
        self._rising = {
            name: Rising() for name, column in columns.items() if column.unique
        }
        self._newest: dict[str, Any] = {
            name: None for name, column in columns.items() if column.oldest is not None
        }

    def observe(self, batch: pa.RecordBatch) -> None:
        """Check one batch."""
        self._rows += batch.num_rows
        keys = batch.column(self._key)
        for tally in self._tallies:
            tally.observe(batch.column(tally.rule.column), keys)
        for name, rising in self._rising.items():
            rising.observe(batch.column(name))
        for name, newest in self._newest.items():
            latest = pc.max(batch.column(name)).as_py()
            if latest is not None and (newest is None or latest > newest):
                self._newest[name] = latest

    def report(self, files: Sequence[Path]) -> Report:
        """Return the report, once `files` hold every row that was observed."""
        checks = [tally.check() for tally in self._tallies]
        checks += [self._freshness(name) for name in self._newest]
        checks += [self._uniqueness(name, files) for name in self._rising]
        order = list(self._columns)
        checks.sort(key=lambda check: order.index(str(check.column)))
        return Report(self._rows, (self._presence(), *checks))

    def _presence(self) -> Check:
        some = self._rows > 0
        return Check(None, "rows", some, 0 if some else 1, (), "at least 1")

    def _freshness(self, name: str) -> Check:
        newest = self._newest[name]
        expected = self._columns[name].freshness
        fresh = newest is not None and self._age(newest) <= self._columns[name].oldest
        sample = () if fresh else ({"key": None, "value": json_value(newest)},)
        return Check(name, "freshness", fresh, 0 if fresh else 1, sample, expected)

    def _age(self, newest: dt.date) -> Any:
        if isinstance(newest, dt.datetime):
            midnight = dt.datetime.combine(self._run_date, dt.time(), newest.tzinfo)
            return midnight - newest
        return self._run_date - newest

    def _uniqueness(self, name: str, files: Sequence[Path]) -> Check:
        if self._rising[name].holds:
            return Check(name, "unique", True, 0, (), True)
        from slipway.quality.uniqueness import repeated_values  # loads DuckDB

        repeated = repeated_values(files, name, key=self._key)
        passed = repeated.rows == 0
        return Check(
            name, "unique", passed, repeated.rows, _samples(repeated.sample), True
        )


class _Tally:
    """How often one rule was broken, with the first few values that broke it."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._count = 0
        self._sample: list[tuple[Any, Any]] = []

    def observe(self, values: pa.Array, keys: pa.Array) -> None:
        broken = self.rule.broken(values)
        count = pc.sum(broken).as_py() or 0
        self._count += count
        if count and (room := SAMPLE - len(self._sample)):
            where = pc.indices_nonzero(broken).slice(0, room)
            found = zip(keys.take(where), values.take(where), strict=True)
            self._sample += [(key.as_py(), value.as_py()) for key, value in found]

    def check(self) -> Check:
        rule = self.rule
        sample = _samples(self._sample)
        passed = self._count == 0
        return Check(rule.column, rule.name, passed, self._count, sample, rule.expected)


def _samples(pairs: Iterable[tuple[Any, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"key": json_value(key), "value": json_value(value)} for key, value in pairs
    )
