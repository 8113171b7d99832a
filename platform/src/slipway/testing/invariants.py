"""What must hold of the controller's tables, and of what SageMaker saw, after any fault.

Each check returns what is broken, a sentence for each; an empty list: it holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from slipway.controller.intents import DIGEST_TAG
from slipway.controller.orm import (
    ConfigOverride,
    Deployment,
    Endpoint,
    Lease,
    ModelVersion,
    Operation,
    OperationCall,
    Run,
    Step,
    Transition,
)
from slipway.controller.states import CHARTS
from slipway.controller.store import Database
from slipway.controller.store.calls import ACCEPTED

#: A mutating call as SageMaker saw it: the operation, and the resource's name.
Call = tuple[str, str]

_TABLES = (
    Run,
    Step,
    Operation,
    ModelVersion,
    Deployment,
    Endpoint,
    ConfigOverride,
)


def one_object_per_generation(database: Database, created: Iterable[Call]) -> list[str]:
    """I1: at most one object per operation and generation; exactly one that succeeded.

    `created` are the creates that SageMaker carried out.
    """
    objects = Counter(created)
    broken = [
        f"{call} {name} was carried out {count} times"
        for (call, name), count in objects.items()
        if count > 1
    ]
    for operation in _rows(database, Operation):
        place = (operation.call, operation.name)
        if operation.call.startswith("Create"):
            made = operation.state in {"submitted", "succeeded"}
            if made and place not in objects:
                broken.append(f"{operation.name} is {operation.state}, and not there")
    return broken


def others_untouched(
    before: Mapping[str, Any], after: Mapping[str, Any], owner: Mapping[str, str]
) -> list[str]:
    """I3: no object whose owner tags differ was adopted, changed or deleted.

    Both mappings are whole descriptions with their `Tags`, by name.
    """
    broken = []
    for name, found in before.items():
        tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
        ours = all(tags.get(key) == value for key, value in owner.items())
        if not ours and after.get(name) != found:
            broken.append(f"{name} is somebody else's, and was changed")
    return broken


def adopted_are_ours(
    operations: Iterable[Operation], tags: Callable[[Operation], Mapping[str, str]]
) -> list[str]:
    """I3: whatever creates made, or adopted, has the owner and the digest of their rows.

    `tags` returns those of an operation's object.
    """
    broken = []
    for operation in operations:
        if operation.call.startswith("Create") and operation.state == "succeeded":
            found = tags(operation)
            for key, value in {**operation.owner, DIGEST_TAG: operation.digest}.items():
                if found.get(key) != value:
                    broken.append(
                        f"{operation.name}: {key} is {found.get(key)!r}, not {value!r}"
                    )
    return broken


def history_is_the_state(database: Database) -> list[str]:
    """I4: each state is its last history row's; each history is a connected legal path."""
    paths: dict[tuple[str, int], list[Transition]] = {}
    for change in _rows(database, Transition):
        paths.setdefault((change.kind, change.row_id), []).append(change)
    broken = []
    for table in _TABLES:
        kind = table.__tablename__
        for number, state in _states(database, table):
            path = paths.pop((kind, number), [])
            broken += _broken_path(f"{kind} {number}", state, path)
    return broken + [f"{kind} {row} has a history and no row" for kind, row in paths]


def no_stale_writer(database: Database) -> list[str]:
    """I6: no write carries a token older than its lease had before, or never given."""
    with database.reading() as session:
        tokens = {
            lease.resource: lease.token for lease in session.scalars(select(Lease))
        }
        found = session.execute(
            select(Transition.lease, Transition.id, Transition.token)
            .where(Transition.token > 0)
            .order_by(Transition.id)
        ).all()
    newest: dict[str, int] = {}
    broken = []
    for lease, number, token in found:
        if not newest.get(lease, 0) <= token <= tokens.get(lease, 0):
            broken.append(f"transition {number} under {lease!r} has the token {token}")
        newest[lease] = max(token, newest.get(lease, 0))
    return broken


def no_needless_call(database: Database) -> list[str]:
    """I10: a call is made again only where the one before may not have been carried out."""
    broken = []
    for operation, calls in _calls(database).items():
        own = [call for call in calls if call.call == operation.call]
        for call in own[:-1]:
            if call.outcome in {ACCEPTED, "bad_request"}:
                broken.append(f"{operation.name}: called again after {call.outcome}")
    return broken


def every_call_is_logged(database: Database, seen: Sequence[Call]) -> list[str]:
    """I11: each mutating call that SageMaker saw has a row of its own."""
    logged = Counter(
        (call.call, operation.name)
        for operation, calls in _calls(database).items()
        for call in calls
    )
    return [
        f"SageMaker saw {count} of {call}, the log has {logged[call]}"
        for call, count in Counter(seen).items()
        if logged[call] < count
    ]


def _broken_path(row: str, state: str, path: Sequence[Transition]) -> list[str]:
    chart = CHARTS[row.split()[0]]
    at = ""
    for change in path:
        legal = (
            chart.initial
            if change.trigger == "create" and not at
            else chart.target(at, change.trigger)
        )
        if (change.from_state, change.to_state) != (at, legal):
            message = (
                f"{row}: {change.trigger} from {change.from_state!r} to"
                f" {change.to_state!r} does not follow on {at!r}"
            )
            return [message]
        at = change.to_state
    return [] if at == state else [f"{row} is {state}, its history ends in {at!r}"]


def _calls(database: Database) -> dict[Operation, list[OperationCall]]:
    found: dict[int, list[OperationCall]] = {}
    for call in _rows(database, OperationCall):
        found.setdefault(call.operation_id, []).append(call)
    return {
        operation: found.get(operation.id, [])
        for operation in _rows(database, Operation)
    }


def _rows(database: Database, table: Any) -> Sequence[Any]:  # rows of any table
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def _states(database: Database, table: Any) -> Sequence[Any]:  # rows of any table
    """Return each row's id and state: an older release has no more in common with it."""
    with database.reading() as session:
        return session.execute(select(table.id, table.state).order_by(table.id)).all()
