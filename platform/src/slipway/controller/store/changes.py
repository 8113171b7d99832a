"""One transaction's changes: each of a state with its history."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Table

from slipway.controller.machine import next_state
from slipway.controller.orm import (
    ConfigOverride,
    Deployment,
    Endpoint,
    ModelVersion,
    Operation,
    Run,
    Step,
)
from slipway.controller.states import CHARTS
from slipway.controller.store.leases import Held
from slipway.controller.store.writes import Move, Read, Write, Written
from slipway.errors import ConflictError

StatefulRow = TypeVar(
    "StatefulRow",
    Run,
    Step,
    Operation,
    ModelVersion,
    Deployment,
    Endpoint,
    ConfigOverride,
)
#: The longest reason that a row keeps.
_LONGEST_REASON = 4096


class Changes:
    """The writes of one transaction, by one actor who may hold a lease."""

    def __init__(
        self,
        connection: Any,  # of SQLAlchemy, or SQLite's own
        actor: str,
        held: Held | None,
        now: dt.datetime,
        writer: Callable[[Any, Write], Written],
    ) -> None:
        #: For what only this transaction's owner asks.
        self.connection = connection
        self.actor = actor
        self.token = held.token if held is not None else 0
        self._lease = held.resource if held is not None else ""
        self.now = now
        self._writer = writer

    def insert(self, row: StatefulRow) -> StatefulRow:
        """Insert `row` in its initial state, and return it with its id."""
        self.intend(row, {})
        return row

    def intend(self, row: StatefulRow, call: Mapping[str, Any]) -> int | None:
        """Insert `row`, and the call that it is about to make; return the call's id.

        None: the same is there already, and nothing was written.
        """
        table = _table(type(row))
        known = row.__dict__
        known["state"] = CHARTS[table.name].initial
        known["created_at"] = known["changed_at"] = self.now
        values = _values(row)
        created = Move("create", "", row.state)
        written = self._write(
            Write(table, values, None, (created,), self._history(""), call)
        )
        known.update(values, id=cast("int", written.row_id))
        return written.call_id

    def advance(
        self,
        row: StatefulRow,
        triggers: str | tuple[str, ...],
        reason: str = "",
        **changes: object,
    ) -> StatefulRow:
        """Fire one trigger or several on `row` and set `changes`; return it as it is then."""
        fired = (triggers,) if isinstance(triggers, str) else triggers
        return self.answer(row, None, (fired, reason), changes)

    def amend(self, row: StatefulRow, **changes: object) -> StatefulRow:
        """Set columns of `row`; ConflictError when somebody changed it since it was read."""
        return self.answer(row, None, ((), ""), changes)

    def answer(
        self,
        row: StatefulRow,
        call: tuple[int, Mapping[str, Any]] | None,
        fired: tuple[tuple[str, ...], str],
        changes: Mapping[str, Any],
    ) -> StatefulRow:
        """Change `row` by what was answered to a call; return it as it is then.

        `call` is the call's id and its columns; `fired` are triggers and their reason.
        """
        triggers, reason = fired[0], fired[1][:_LONGEST_REASON]
        table = _table(type(row))
        if row.mutable is not None and not changes.keys() <= row.mutable:
            fixed = ", ".join(sorted(changes.keys() - row.mutable))
            message = f"{row} is immutable: {fixed} was not changed"
            raise TypeError(message)
        path = [row.state]
        for trigger in triggers:
            path.append(next_state(table.name, path[-1], trigger, row))
        values = {**changes, "revision": row.revision + 1}
        if triggers:
            moved = {"state": path[-1], "reason": reason, "changed_at": self.now}
            values |= moved
        call_id, columns = call or (None, {})
        change = Write(
            table,
            values,
            Read(row.id, row.state, row.revision),
            tuple(map(Move, triggers, path, path[1:])),
            self._history(reason),
            columns,
            call_id,
        )
        if self._write(change).row_id is None:
            message = (
                f"{row} was changed by somebody else meanwhile:"
                " look again with invoke status"
            )
            raise ConflictError(message)
        return _with(row, values)

    def _write(self, change: Write) -> Written:
        return self._writer(self.connection, change)

    def _history(self, reason: str) -> dict[str, Any]:
        """Return what every row of a change's history says."""
        return {
            "actor": self.actor,
            "reason": reason,
            "token": self.token,
            "lease": self._lease,
            "at": self.now,
        }


def _with(row: StatefulRow, values: Mapping[str, Any]) -> StatefulRow:
    """Return `row` with other values.

    They are put in place all at once: noting each of them for a session, which these
    rows never see, takes longer than a statement.
    """
    made = type(row)()
    known = {n: v for n, v in row.__dict__.items() if n != "_sa_instance_state"}
    made.__dict__.update(known, **values)
    return made


@cache
def _table(row: type) -> Table:
    return cast("Table", cast("Any", row).__table__)


@cache
def _defaults(table: Table) -> dict[str, Any]:
    """Return each column but the id, and what makes its default."""
    return {
        column.name: column.default for column in table.columns if column.name != "id"
    }


def _values(row: StatefulRow) -> dict[str, Any]:
    """Return the columns of a row, defaults filled in."""
    given = row.__dict__
    values = {}
    for name, default in _defaults(_table(type(row))).items():
        if name in given:
            values[name] = given[name]
        elif default is not None:
            made = default.arg
            values[name] = made(None) if default.is_callable else made
    return values
