"""The log of calls: a row before each call, its answer with the state that follows."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Update, bindparam, insert, update

from slipway.controller.orm import Operation, OperationCall
from slipway.controller.store.changes import Changes
from slipway.controller.store.store import Store
from slipway.errors import ConflictError

#: The outcome of a call that SageMaker accepted.
ACCEPTED = "accepted"
_LONGEST_MESSAGE = 4096


@dataclass(frozen=True)
class Answered:
    """What came of a call."""

    #: The row of the call.
    call_id: int
    #: `accepted`, or the fault.
    outcome: str
    request_id: str
    message: str = ""


def intend(
    store: Store, row: Operation, before: Operation | None, request_digest: str
) -> tuple[Operation, int]:
    """Write an operation, its first call, and that it replaces the generation before.

    ConflictError when somebody else intends the same: nothing is written then.
    """
    opened = store.changing_once() if before is None else store.changing()
    with opened as changes:
        if before is not None:
            changes.advance(before, "replace", f"generation {row.generation}")
        begun = _begun(changes, row.call, request_digest)
        call_id = changes.intend(row, begun)
        if call_id is None:
            message = f"Somebody else intends {row.key!r} at the same time"
            raise ConflictError(message)
        return row, call_id


def begin_call(
    store: Store, operation: Operation, call: str, request_digest: str
) -> int:
    """Write that a call is about to be made; return the row's id."""
    with store.changing() as changes:
        begun = _begun(changes, call, request_digest)
        values = {"operation_id": operation.id, **begun}
        made = changes.connection.execute(_call(), values)
        return int(cast("Any", made).inserted_primary_key[0])


def answer(
    store: Store,
    operation: Operation,
    answered: Answered | None,
    triggers: tuple[str, ...] = (),
    **columns: Any,  # whatever columns the operation has
) -> Operation:
    """Write what came of a call, and where that takes its operation, at once.

    `answered` is None where no call was made: a look before it failed. Nobody waits for
    the disk: an answer that a power cut takes back is found again by a look.
    """
    if not triggers and not columns:
        if answered is not None:
            with store.relaxed().changing() as changes:
                values = {"_id": answered.call_id, **_said(changes, answered)}
                changes.connection.execute(_answer(), values)
        return operation
    with store.relaxed().changing_once() as changes:
        if answered is None:
            return changes.answer(operation, None, (triggers, ""), columns)
        call = (answered.call_id, _said(changes, answered))
        return changes.answer(operation, call, (triggers, answered.message), columns)


def _said(changes: Changes, answered: Answered) -> dict[str, Any]:
    """Return what came of a call, as its row holds it."""
    return {
        "answered_at": changes.now,
        "outcome": answered.outcome,
        "request_id": answered.request_id,
        "message": answered.message[:_LONGEST_MESSAGE],
    }


def _begun(changes: Changes, call: str, request_digest: str) -> dict[str, Any]:
    """Return a call that is about to be made, as its row holds it."""
    return {
        "call": call,
        "request_digest": request_digest,
        "token": changes.token,
        "actor": changes.actor,
        "started_at": changes.now,
        "outcome": "",
        "request_id": "",
        "message": "",
    }


@cache
def _call() -> Insert:
    return insert(OperationCall)


@cache
def _answer() -> Update:
    return update(OperationCall.__table__).where(OperationCall.id == bindparam("_id"))  # type: ignore[arg-type]  # declared as FromClause
