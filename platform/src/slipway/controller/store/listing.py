"""The ledger, listed: newest first, a page at a time, without what is large in it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from slipway.controller.orm import Operation, Run
from slipway.controller.store.database import Database


class Line(NamedTuple):
    """One operation as a list shows it."""

    id: int
    model: str
    state: str
    #: The word for the resource in `sagemaker.resources`.
    resource: str
    call: str
    name: str
    generation: int
    #: SageMaker's last word.
    observed: str
    attempts: int
    due_at: dt.datetime | None
    reason: str
    changed_at: dt.datetime


# Scalar subqueries, not a join: whatever the database knows of the tables' sizes, it
# walks the operations by their id and stops at the page's end.
_ITS_RUN = Run.run_id == Operation.run_id
_MODEL = select(Run.model).where(_ITS_RUN).scalar_subquery()
_ENVIRONMENT = select(Run.environment).where(_ITS_RUN).scalar_subquery()

_COLUMNS = (
    Operation.id,
    _MODEL.label("model"),
    Operation.state,
    Operation.resource,
    Operation.call,
    Operation.name,
    Operation.generation,
    Operation.observed,
    Operation.attempts,
    Operation.due_at,
    Operation.reason,
    Operation.changed_at,
)


@dataclass(frozen=True)
class Wanted:
    """Which operations a list holds; what is empty chooses nothing."""

    environment: str
    model: str = ""
    states: tuple[str, ...] = ()
    run_id: str = ""


def operation_page(
    database: Database, wanted: Wanted, *, limit: int, after: int | None = None
) -> Sequence[Line]:
    """Return the newest operations older than the one with the id `after`.

    The id of a page's last line is the next page's `after`: rows that are added
    meanwhile move no page.
    """
    found = (
        select(*_COLUMNS)
        .where(_ENVIRONMENT.in_((wanted.environment,)))
        .order_by(Operation.id.desc())
        .limit(limit)
    )
    if wanted.model:
        found = found.where(_MODEL.in_((wanted.model,)))
    if wanted.run_id:
        found = found.where(Operation.run_id == wanted.run_id)
    if wanted.states:
        found = found.where(Operation.state.in_(wanted.states))
    if after is not None:
        found = found.where(Operation.id < after)
    with database.reading() as session:
        rows = session.connection().execute(found).all()
    return [Line._make(row) for row in rows]


def every_operation(
    database: Database, wanted: Wanted, *, page: int = 2000
) -> Iterator[Line]:
    """Yield all of them, newest first; one page is in memory at a time."""
    after: int | None = None
    while lines := operation_page(database, wanted, limit=page, after=after):
        yield from lines
        after = lines[-1].id
