"""One transaction's changes: each of a state with its history."""

import datetime as dt
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Connection,
    Executable,
    Insert,
    Table,
    Update,
    bindparam,
    insert,
    update,
)

from slipway.controller.machine import next_state
from slipway.controller.orm import (
    Deployment,
    Endpoint,
    ModelVersion,
    Operation,
    Run,
    Step,
    Transition,
)
from slipway.controller.states import CHARTS
from slipway.errors import ConflictError

StatefulRow = TypeVar(
    "StatefulRow", Run, Step, Operation, ModelVersion, Deployment, Endpoint
)
#: The longest reason that a row keeps.
_LONGEST_REASON = 4096


class Changes:
    """The writes of one transaction, by one actor with one fencing token."""

    def __init__(
        self, connection: Connection, actor: str, token: int, now: dt.datetime
    ) -> None:
        #: For what only this transaction's owner asks.
        self.connection = connection
        self.actor = actor
        self.token = token
        self.now = now

    def insert(self, row: StatefulRow) -> StatefulRow:
        """Insert `row` in its initial state, and return it with its id."""
        table = _table(type(row))
        row.state = CHARTS[table.name].initial
        row.created_at = row.changed_at = self.now
        values = _values(row)
        result: Any = self.connection.execute(_insert(table), values)
        for name, value in values.items():
            setattr(row, name, value)
        row.id = result.inserted_primary_key[0]
        self._record(row, "create", "", row.state, "")
        return row

    def advance(
        self,
        row: StatefulRow,
        triggers: str | tuple[str, ...],
        reason: str = "",
        **changes: object,
    ) -> StatefulRow:
        """Fire one trigger or several on `row` and set `changes`; return it as it is then."""
        kind = _table(type(row)).name
        path = [row.state]
        fired = (triggers,) if isinstance(triggers, str) else triggers
        for trigger in fired:
            path.append(next_state(kind, path[-1], trigger))
        reason = reason[:_LONGEST_REASON]
        moved = {"state": path[-1], "reason": reason, "changed_at": self.now}
        changed = self.amend(row, **changes, **moved)
        for trigger, before, after in zip(fired, path, path[1:], strict=False):
            self._record(changed, trigger, before, after, reason)
        return changed

    def amend(self, row: StatefulRow, **changes: object) -> StatefulRow:
        """Set columns of `row`; ConflictError when somebody changed it since it was read."""
        table = _table(type(row))
        values = {**changes, "revision": row.revision + 1}
        found: Any = self.connection.execute(
            _compare_and_swap(table),
            {**values, "_id": row.id, "_state": row.state, "_revision": row.revision},
        )
        if found.rowcount != 1:
            message = (
                f"The {table.name} {row.id} was changed by somebody else meanwhile:"
                " look again with invoke status"
            )
            raise ConflictError(message)
        return type(row)(**{"id": row.id, **_values(row), **values})

    def execute(self, statement: Executable, values: dict[str, Any]) -> Any:
        """Run another statement of the same transaction."""
        return self.connection.execute(statement, values)

    def _record(
        self,
        row: StatefulRow,
        trigger: str,
        before: str,
        after: str,
        reason: str,
    ) -> None:
        values = {
            "kind": _table(type(row)).name,
            "row_id": row.id,
            "trigger": trigger,
            "from_state": before,
            "to_state": after,
            "actor": self.actor,
            "reason": reason,
            "token": self.token,
            "at": self.now,
        }
        self.connection.execute(_insert(_table(Transition)), values)


@cache
def _table(row: type) -> Table:
    return cast("Table", cast("Any", row).__table__)


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _compare_and_swap(table: Table) -> Update:
    """Return an update of the row as it was read; what is set comes with its values."""
    return update(table).where(
        table.c.id == bindparam("_id"),
        table.c.state == bindparam("_state"),
        table.c.revision == bindparam("_revision"),
    )


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
