"""The log of calls: a row before each call, its answer with the state that follows."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, Update, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

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
    try:
        with store.changing() as changes:
            if before is not None:
                changes.advance(before, "replace", f"generation {row.generation}")
            operation = changes.insert(row)
            return operation, _begin(changes, operation, row.call, request_digest)
    except IntegrityError as error:
        message = f"Somebody else intends {row.key!r} at the same time"
        raise ConflictError(message) from error


def begin_call(
    store: Store, operation: Operation, call: str, request_digest: str
) -> int:
    """Write that a call is about to be made; return the row's id."""
    with store.changing() as changes:
        return _begin(changes, operation, call, request_digest)


def answer(
    store: Store,
    operation: Operation,
    answered: Answered | None,
    triggers: tuple[str, ...] = (),
    **columns: Any,  # whatever columns the operation has
) -> Operation:
    """Write what came of a call, and where that takes its operation, at once.

    `answered` is None where no call was made: a look before it failed.
    """
    reason = answered.message if answered is not None else ""
    with store.changing() as changes:
        if answered is not None:
            _record(changes, answered)
        if triggers:
            return changes.advance(operation, triggers, reason, **columns)
        return changes.amend(operation, **columns) if columns else operation


def _record(changes: Changes, answered: Answered) -> None:
    """Write what came of a call."""
    changes.execute(
        _answer(),
        {
            "_id": answered.call_id,
            "answered_at": changes.now,
            "outcome": answered.outcome,
            "request_id": answered.request_id,
            "message": answered.message[:_LONGEST_MESSAGE],
        },
    )


def _begin(
    changes: Changes, operation: Operation, call: str, request_digest: str
) -> int:
    values = {
        "operation_id": operation.id,
        "call": call,
        "request_digest": request_digest,
        "token": changes.token,
        "actor": changes.actor,
        "started_at": changes.now,
    }
    made = changes.execute(_call(), values)
    return int(made.inserted_primary_key[0])


@cache
def _call() -> Insert:
    return insert(OperationCall)


@cache
def _answer() -> Update:
    return update(OperationCall.__table__).where(OperationCall.id == bindparam("_id"))  # type: ignore[arg-type]  # declared as FromClause
