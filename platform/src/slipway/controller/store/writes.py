"""One row's change with all that belongs to it: its history, and the call that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.dialects import sqlite

from slipway.controller.orm import OperationCall, Transition
from slipway.controller.store.statements import Driver, prepared, run

_TRANSITION = cast("Table", Transition.__table__)
_CALL = cast("Table", OperationCall.__table__)


class Read(NamedTuple):
    """A row as it was read: it is changed only while it is so."""

    row_id: int
    state: str
    revision: int


class Move(NamedTuple):
    """One trigger that was fired."""

    trigger: str
    from_state: str
    to_state: str


@dataclass(frozen=True)
class Write:
    """A change of one row, with its history and its call: all of it, or nothing."""

    table: Table
    #: The columns that are set.
    values: Mapping[str, Any]
    #: None: the row is new.
    read: Read | None = None
    moves: tuple[Move, ...] = ()
    #: What every row of its history says: who, when, why.
    history: Mapping[str, Any] = field(default_factory=dict)
    #: The columns of the call that begins or was answered; empty: there is none.
    call: Mapping[str, Any] = field(default_factory=dict)
    #: The call that was answered; None: it begins.
    call_id: int | None = None


class Written(NamedTuple):
    """What came of a write."""

    #: None: somebody else changed the row since it was read, or intended the same; nothing
    #: was written.
    row_id: int | None
    #: Of a call that began.
    call_id: int | None = None


def write(connection: Connection | Driver, change: Write) -> Written:
    """Make a change in the open transaction, statement by statement."""
    table, values = change.table, change.values
    if change.read is None and change.call:
        fresh = prepared(connection, intended, table, tuple(values))
        made = run(connection, fresh, values)
        if made.rowcount != 1:
            return Written(None)
        row_id = int(made.lastrowid)
    elif change.read is None:
        row_id = _insert(connection, table, values)
    else:
        swap = prepared(connection, swapped, table, tuple(values))
        changed = run(connection, swap, {**values, **was(change.read)})
        if changed.rowcount != 1:
            return Written(None)
        row_id = change.read.row_id
    for move in change.moves:
        moved = {"kind": table.name, "row_id": row_id, **move._asdict()}
        _insert(connection, _TRANSITION, {**moved, **change.history})
    if not change.call:
        return Written(row_id)
    if change.call_id is None:
        begun = {"operation_id": row_id, **change.call}
        return Written(row_id, _insert(connection, _CALL, begun))
    answer = prepared(connection, answered, tuple(change.call))
    run(connection, answer, {**change.call, "_call_id": change.call_id})
    return Written(row_id)


def was(read: Read) -> dict[str, Any]:
    """Return the values that say which row is changed, and how it was read."""
    return {f"_{name}": value for name, value in read._asdict().items()}


def swapped(table: Table, columns: tuple[str, ...]) -> Update:
    """Return an update of the row as it was read."""
    return (
        update(table)
        .where(
            table.c.id == bindparam("_row_id"),
            table.c.state == bindparam("_state"),
            table.c.revision == bindparam("_revision"),
        )
        .values({name: bindparam(name) for name in columns})
    )


def inserted(table: Table, columns: tuple[str, ...]) -> Insert:
    """Return an insert of one row; its id is asked for where there is no other way."""
    return insert(table).values({name: bindparam(name) for name in columns})


def intended(table: Table, columns: tuple[str, ...]) -> Insert:
    """Return an insert of one row, which does nothing where it is there already."""
    fresh = sqlite.insert(table).values({name: bindparam(name) for name in columns})
    return fresh.on_conflict_do_nothing()


def answered(columns: tuple[str, ...]) -> Update:
    """Return an update of one call."""
    called = update(_CALL).where(_CALL.c.id == bindparam("_call_id"))
    return called.values({name: bindparam(name) for name in columns})


def _insert(
    connection: Connection | Driver, table: Table, values: Mapping[str, Any]
) -> int:
    """Insert one row; return its id."""
    made = prepared(connection, inserted, table, tuple(values))
    return int(run(connection, made, values).lastrowid)
