"""A whole change as one statement, for a database that is a round trip away."""

from typing import Any, NamedTuple, cast

from sqlalchemy import (
    Integer,
    Select,
    Table,
    bindparam,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.selectable import CTE

from slipway.controller.orm import OperationCall, Transition
from slipway.controller.store.leases import Held, check_fenced, fence, fence_values
from slipway.controller.store.statements import Driver, prepared, run
from slipway.controller.store.writes import Move, Write, Written, answered, swapped, was

_TRANSITION = cast("Table", Transition.__table__)
_CALL = cast("Table", OperationCall.__table__)


class _Shape(NamedTuple):
    """What a statement is made from: changes of one shape share it."""

    table: Table
    columns: tuple[str, ...]
    is_new: bool
    moves: int
    history: tuple[str, ...]
    call: tuple[str, ...]
    is_answer: bool
    fences: int
    is_durable: bool


def write_at_once(
    connection: Driver,
    change: Write,
    held: tuple[Held, ...] = (),
    *,
    durable: bool = True,
) -> Written:
    """Make a change; FencedError when a lease of `held` is somebody else's by now.

    A change that is not durable is done when the database knows it: a power cut within
    the next second can undo it.
    """
    shape = _Shape(
        change.table,
        tuple(change.values),
        change.read is None,
        len(change.moves),
        tuple(change.history) if change.moves else (),
        tuple(change.call),
        change.call_id is not None,
        len(held),
        durable,
    )
    made = prepared(connection, _statement, shape)
    *found, row_id, call_id = run(connection, made, _values(change, held)).fetchone()
    for one, count in zip(held, found, strict=True):
        check_fenced(one, count)
    return Written(row_id, call_id)


def _values(change: Write, held: tuple[Held, ...]) -> dict[str, Any]:
    """Return all values of a statement, those of each part under names of its own."""
    values = dict(change.values)
    if change.read is not None:
        values |= was(change.read)
    if change.moves:
        values |= {f"history_{name}": value for name, value in change.history.items()}
        values["history_kind"] = change.table.name
    for number, move in enumerate(change.moves):
        values |= {f"{name}_{number}": value for name, value in move._asdict().items()}
    if change.call:
        values |= {f"call_{name}": value for name, value in change.call.items()}
    if change.call_id is not None:
        values["_call_id"] = change.call_id
    for number, one in enumerate(held):
        values |= fence_values(one, number)
    return values


def _statement(shape: _Shape) -> Select[Any]:
    """Return the statement: every part of it depends on the row's own change."""
    leases = [fence(n).cte(f"lease_{n}") for n in range(shape.fences)]
    changed = _changed(shape, leases)
    call = _call(shape, changed) if shape.call else None
    answer = select(
        *(select(func.count()).select_from(one).scalar_subquery() for one in leases),
        select(changed.c.id).scalar_subquery(),
        select(call.c.id).scalar_subquery() if call is not None else null(),
    )
    if shape.moves:
        answer = answer.add_cte(_history(shape, changed))
    if not shape.is_durable:
        relaxed = func.set_config("synchronous_commit", "off", literal(True))
        answer = answer.where(relaxed == "off")
    return answer


def _changed(shape: _Shape, leases: list[CTE]) -> CTE:
    """Return the row's own change, made while the leases are held."""
    table, held = shape.table, [exists(select(lease.c.token)) for lease in leases]
    if not shape.is_new:
        swap = swapped(table, shape.columns).where(*held)
        return swap.returning(table.c.id).cte("changed")
    given = select(*(_bound(table, name, name) for name in shape.columns)).where(*held)
    fresh = postgresql.insert(table).from_select(list(shape.columns), given)
    if shape.call:  # an intent: the same may be there already
        fresh = fresh.on_conflict_do_nothing()
    return fresh.returning(table.c.id).cte("changed")


def _history(shape: _Shape, changed: CTE) -> CTE:
    """Return the rows of the history, in the order in which the triggers were fired."""
    fired = union_all(
        *(
            select(
                literal(number, Integer).label("number"),
                *(
                    _bound(_TRANSITION, name, f"{name}_{number}").label(name)
                    for name in Move._fields
                ),
            )
            for number in range(shape.moves)
        )
    ).subquery("fired")
    said = ("kind", *shape.history)
    rows = (
        select(
            changed.c.id,
            *(fired.c[name] for name in Move._fields),
            *(_bound(_TRANSITION, name, f"history_{name}") for name in said),
        )
        .select_from(changed.join(fired, literal(True)))
        .order_by(fired.c.number)
    )
    names = ["row_id", *Move._fields, *said]
    added = insert(_TRANSITION).from_select(names, rows)
    return added.returning(_TRANSITION.c.id).cte("history")


def _call(shape: _Shape, changed: CTE) -> CTE:
    """Return the call that begins, or what was answered to it."""
    bound = {name: _bound(_CALL, name, f"call_{name}") for name in shape.call}
    if shape.is_answer:
        answer = answered(shape.call).values(bound)
        return (
            answer.where(exists(select(changed.c.id)))
            .returning(_CALL.c.id)
            .cte("called")
        )
    rows = select(changed.c.id, *bound.values())
    begun = insert(_CALL).from_select(["operation_id", *bound], rows)
    return begun.returning(_CALL.c.id).cte("called")


def _bound(table: Table, column: str, name: str) -> Any:
    return bindparam(name, type_=table.c[column].type)
