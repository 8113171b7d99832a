"""Rows a page at a time, and counted: what lists and metrics read."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import case, func, select

from slipway.controller.orm import (
    Deployment,
    ModelVersion,
    Operation,
    Row,
    Run,
    Step,
)
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.database import Database

AnyRow = TypeVar("AnyRow", bound=Row)

#: The tables whose rows are counted by state.
COUNTED = (Run, Step, Operation)


def page(
    database: Database,
    table: type[AnyRow],
    equal: Mapping[str, object],
    *,
    limit: int,
    before: int | None = None,
) -> Sequence[AnyRow]:
    """Return the newest rows with these column values, older than the id `before`."""
    columns: Any = table.__table__.c
    found = select(table).where(*(columns[k] == v for k, v in equal.items()))
    if before is not None:
        found = found.where(columns.id < before)
    with database.reading() as session:
        return session.scalars(found.order_by(columns.id.desc()).limit(limit)).all()


def counts(database: Database) -> dict[tuple[str, str], int]:
    """Return how many rows of each kind stand in each state."""
    found = {}
    with database.reading() as session:
        for table in COUNTED:
            rows = select(table.state, func.count()).group_by(table.state)
            for state, count in session.execute(rows):
                found[table.__tablename__, state] = count
    return found


def versions_counted(
    database: Database, model: str, environment: str
) -> tuple[int, int | None]:
    """Return how many versions a model has, and the one that serves; None: none does."""
    serving = case((ModelVersion.state == CHAMPION, ModelVersion.version))
    found = select(func.count(), func.max(serving)).where(
        ModelVersion.model == model, ModelVersion.environment == environment
    )
    with database.reading() as session:
        count, champion = session.execute(found).one()
    return count, champion


def asked_steps(database: Database, environment: str) -> Sequence[Step]:
    """Return the steps that a worker is asked for and that have not ended, oldest first."""
    found = select(Step).where(
        Step.environment == environment,
        Step.attempt > 0,
        Step.state.in_(("queued", "running", "stopping")),
    )
    with database.reading() as session:
        return session.scalars(found.order_by(Step.changed_at, Step.id)).all()


def asked_deployments(database: Database, environment: str) -> Sequence[Deployment]:
    """Return the deployments that a worker is to carry out, oldest first."""
    found = select(Deployment).where(
        Deployment.environment == environment,
        Deployment.asked,
        Deployment.state.in_(CHARTS["deployment"].unfinished),
    )
    with database.reading() as session:
        return session.scalars(found.order_by(Deployment.id)).all()


def operations_called(database: Database, ids: Sequence[int]) -> dict[int, Operation]:
    """Return operations by their ids."""
    found = select(Operation).where(Operation.id.in_(ids))
    with database.reading() as session:
        return {operation.id: operation for operation in session.scalars(found)}
