"""Every datapoint that is kept, by metric."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from slipway.sagemaker_local.cloudwatch.database import Database
from slipway.sagemaker_local.cloudwatch.metric import Datum, Metric
from slipway.sagemaker_local.cloudwatch.sample import Sample, merged

#: As on AWS, in seconds: how long datapoints of a second and of a minute are kept.
SECONDS_KEPT = 3 * 3600
MINUTES_KEPT = 15 * 24 * 3600
_MINUTE = 60
_ADD_METRIC = """INSERT INTO metric (region, namespace, name, dimensions, seen_at)
VALUES (?, ?, ?, ?, ?) ON CONFLICT (region, namespace, name, dimensions)
DO UPDATE SET seen_at = max(seen_at, excluded.seen_at) RETURNING id"""
_ID = """SELECT id FROM metric
WHERE region = ? AND namespace = ? AND name = ? AND dimensions = ?"""
_POINT = "SELECT * FROM datapoint WHERE metric = ? AND at = ? AND span = ? AND unit = ?"
_PUT = "INSERT OR REPLACE INTO datapoint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_RANGE = "SELECT * FROM datapoint WHERE metric = ? AND at >= ? AND at < ? ORDER BY at"

#: A metric's id, the begin and the length of a span, and a unit.
_Place = tuple[int, int, int, str]


@dataclass(frozen=True)
class Point:
    """What is kept of one span of a metric."""

    #: Where the span begins, in seconds since the epoch.
    at: int
    unit: str
    sample: Sample


class MetricStore:
    """Datapoints; a change is on disk before its method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, data: Iterable[Datum]) -> None:
        """Put measurements to what is kept of their spans, in one commit."""
        by_metric: dict[Metric, list[Datum]] = defaultdict(list)
        for each in data:
            by_metric[each.metric].append(each)
        with self._database.changing() as connection:
            for metric, found in by_metric.items():
                seen_at = max(each.at for each in found)
                key = _key(metric)
                number = connection.execute(_ADD_METRIC, (*key, seen_at)).fetchone()[0]
                _merge(connection, _placed(number, found))

    def points(self, metric: Metric, start: float, end: float) -> list[Point]:
        """Return what is kept of a metric from `start` until before `end`."""
        found = self._database.rows(_ID, _key(metric))
        if not found:
            return []
        rows = self._database.rows(_RANGE, (found[0]["id"], start, end))
        return [_point(row) for row in rows]

    def metrics(self, region: str, since: float) -> list[Metric]:
        """Return the metrics that had data since then, in a fixed order."""
        query = """SELECT * FROM metric WHERE region = ? AND seen_at >= ?
        ORDER BY namespace, name, dimensions"""
        rows = self._database.rows(query, (region, since))
        return [
            Metric(
                row["region"],
                row["namespace"],
                row["name"],
                tuple((name, value) for name, value in orjson.loads(row["dimensions"])),
            )
            for row in rows
        ]

    def forget(self, now: float) -> None:
        """Put old seconds together to minutes, and remove what is older than AWS keeps."""
        oldest = "SELECT min(at) FROM datapoint WHERE span = 1"
        end = int(now - SECONDS_KEPT) // _MINUTE * _MINUTE
        # A commit for each minute: what is measured meanwhile does not wait for all.
        while (at := self._database.rows(oldest)[0][0]) is not None and at < end:
            self._put_together(at // _MINUTE * _MINUTE)
        with self._database.changing() as connection:
            old = now - MINUTES_KEPT
            connection.execute("DELETE FROM datapoint WHERE at < ?", (old,))
            connection.execute("DELETE FROM metric WHERE seen_at < ?", (old - _MINUTE,))

    def _put_together(self, minute: int) -> None:
        seconds = "FROM datapoint WHERE span = 1 AND at >= ? AND at < ?"
        bounds = (minute, minute + _MINUTE)
        places: dict[_Place, list[Sample]] = defaultdict(list)
        with self._database.changing() as connection:
            for row in connection.execute(f"SELECT * {seconds}", bounds):  # ours
                place = (row["metric"], minute, _MINUTE, row["unit"])
                places[place].append(_point(row).sample)
            _merge(connection, places)
            connection.execute(f"DELETE {seconds}", bounds)  # ours


def _merge(connection: sqlite3.Connection, places: dict[_Place, list[Sample]]) -> None:
    for place, samples in places.items():
        row = connection.execute(_POINT, place).fetchone()
        kept = [_point(row).sample] if row else []
        whole = merged([*kept, *samples])
        counts = None
        if whole.counts is not None:
            counts = orjson.dumps([*map(_short, whole.counts.items())]).decode()
        sums = (whole.count, whole.total, whole.low, whole.high)
        connection.execute(_PUT, (*place, *sums, counts))


def _short(count: tuple[float, float]) -> tuple[float, ...]:
    """Return a value and its count, without the points of whole numbers."""
    return tuple(int(each) if float(each).is_integer() else each for each in count)


def _placed(number: int, data: Sequence[Datum]) -> dict[_Place, list[Sample]]:
    places: dict[_Place, list[Sample]] = defaultdict(list)
    for each in data:
        at = int(each.at) // each.span * each.span
        places[number, at, each.span, each.unit].append(each.sample)
    return places


def _key(metric: Metric) -> tuple[str, str, str, str]:
    dimensions = orjson.dumps(metric.dimensions).decode()
    return (metric.region, metric.namespace, metric.name, dimensions)


def _point(row: sqlite3.Row) -> Point:
    counts = row["counts"]
    values = None
    if counts is not None:
        values = {float(value): float(count) for value, count in orjson.loads(counts)}
    sample = Sample(row["count"], row["total"], row["low"], row["high"], values)
    return Point(row["at"], row["unit"], sample)
