"""Every alarm, with the history of what became of it."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from slipway.sagemaker_local.cloudwatch.alarm import Alarm
from slipway.sagemaker_local.cloudwatch.database import Database
from slipway.sagemaker_local.cloudwatch.evaluation import State
from slipway.sagemaker_local.cloudwatch.history import (
    Event,
    configured,
    transitioned,
)
from slipway.sagemaker_local.cloudwatch.reasons import CREATED

#: Seconds that history is kept.
HISTORY_KEPT = 30 * 24 * 3600
_PUT = "INSERT OR REPLACE INTO alarm VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NOTE = "INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?)"
_FIND = "SELECT * FROM alarm WHERE region = ? AND name = ?"


class AlarmStore:
    """Alarms; a change is on disk, with its history, before its method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        region: str,
        members: Mapping[str, Any],
        tags: Mapping[str, str],
        most: int,
    ) -> Alarm | None:
        """Create an alarm, or configure it anew; None where there are `most` already.

        The state of one that is there stays as it is, and so do its tags.
        """
        name, now = members["AlarmName"], time.time()
        with self._database.changing() as connection:
            row = connection.execute(_FIND, (region, name)).fetchone()
            if row is not None:
                alarm = replace(_alarm(row), members=members, configured_at=now)
                return self._write(alarm, configured(alarm, now, "Update"))
            count = "SELECT count(*) FROM alarm WHERE region = ?"
            if connection.execute(count, (region,)).fetchone()[0] >= most:
                return None
            state: State = "INSUFFICIENT_DATA"
            alarm = Alarm(
                region, name, members, state, CREATED, "", now, now, now, tags=tags
            )
            return self._write(alarm, configured(alarm, now, "Create"))

    def change(
        self, region: str, name: str, change: Callable[[Alarm], Alarm]
    ) -> Alarm | None:
        """Replace an alarm by what `change` makes of it, alone with it meanwhile.

        None where there is no such alarm; one that `change` returns as it was is not
        written.
        """
        with self._database.changing() as connection:
            row = connection.execute(_FIND, (region, name)).fetchone()
            if row is None:
                return None
            before = _alarm(row)
            after = change(before)
            if after == before:
                return before
            if after.state != before.state:
                return self._write(after, transitioned(before, after))
            return self._write(after)

    def delete(self, region: str, names: Iterable[str]) -> None:
        """Remove alarms; their history stays."""
        with self._database.changing() as connection:
            for alarm in self.named(region, names):
                delete = "DELETE FROM alarm WHERE region = ? AND name = ?"
                connection.execute(delete, (region, alarm.name))
                self._note(configured(alarm, time.time(), "Delete"))

    def get(self, region: str, name: str) -> Alarm | None:
        """Return an alarm; None where there is none."""
        rows = self._database.rows(_FIND, (region, name))
        return _alarm(rows[0]) if rows else None

    def named(self, region: str, names: Iterable[str]) -> list[Alarm]:
        """Return the alarms of these names that there are, each once."""
        found = (self.get(region, name) for name in dict.fromkeys(names))
        return [alarm for alarm in found if alarm is not None]

    def every(self, region: str | None = None) -> list[Alarm]:
        """Return all alarms, or those of a region, by name."""
        where, values = ("WHERE region = ?", (region,)) if region else ("", ())
        query = f"SELECT * FROM alarm {where} ORDER BY region, name"  # noqa: S608  # ours
        return [_alarm(row) for row in self._database.rows(query, values)]

    def events(
        self, region: str, name: str | None, since: float, until: float
    ) -> list[Event]:
        """Return the history of an alarm, or of all of a region, oldest first."""
        query = """SELECT * FROM history WHERE region = ? AND (? IS NULL OR alarm = ?)
        AND at >= ? AND at <= ? ORDER BY at, id"""
        rows = self._database.rows(query, (region, name, name, since, until))
        return [_event(row) for row in rows]

    def forget(self, now: float) -> None:
        """Remove history that is older than CloudWatch keeps it."""
        with self._database.changing() as connection:
            delete = "DELETE FROM history WHERE at < ?"
            connection.execute(delete, (now - HISTORY_KEPT,))

    def missing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names that no alarm has, in their order."""
        known = {alarm.name for alarm in self.named(region, names)}
        return [name for name in names if name not in known]

    def firing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names of alarms in state ALARM, in their order."""
        return [
            alarm.name for alarm in self.named(region, names) if alarm.state == "ALARM"
        ]

    def _write(self, alarm: Alarm, event: Event | None = None) -> Alarm:
        with self._database.changing() as connection:
            connection.execute(_PUT, _values(alarm))
            if event is not None:
                self._note(event)
        return alarm

    def _note(self, event: Event) -> None:
        values = (event.region, event.alarm, event.at, event.kind)
        with self._database.changing() as connection:
            connection.execute(_NOTE, (*values, event.summary, event.data))


def _values(alarm: Alarm) -> tuple[Any, ...]:
    return (
        alarm.region,
        alarm.name,
        orjson.dumps(dict(alarm.members)).decode(),
        alarm.state,
        alarm.reason,
        alarm.reason_data,
        alarm.configured_at,
        alarm.updated_at,
        alarm.transitioned_at,
        orjson.dumps(dict(alarm.tags)).decode(),
    )


def _alarm(row: sqlite3.Row) -> Alarm:
    texts = {key: orjson.loads(row[key]) for key in ("members", "tags")}
    return Alarm(**{**dict(row), **texts})


def _event(row: sqlite3.Row) -> Event:
    return Event(**{key: row[key] for key in row.keys() if key != "id"})  # noqa: SIM118  # a Row
