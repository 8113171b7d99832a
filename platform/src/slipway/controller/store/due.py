"""What the reconciler looks for: operations that are due, and what has stopped."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Exists, exists, func, or_, select

from slipway.controller.orm import Deployment, Endpoint, Operation, Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.states.operation import CALLABLE, WATCHED
from slipway.controller.store.database import Database

#: Where something moves an operation.
_MOVING = (*CALLABLE, *WATCHED)
#: How much of what is stuck, of each kind, one report names.
_NAMED = 100


@dataclass(frozen=True)
class Due:
    """Questions about one environment, answered from the index on state and due time."""

    database: Database
    environment: str

    def under_way(self) -> int:
        """Count the operations that SageMaker works on."""
        found = (
            select(func.count())
            .select_from(Operation)
            .join(Run, Run.run_id == Operation.run_id)
            .where(Run.environment == self.environment, Operation.state.in_(WATCHED))
        )
        with self.database.reading() as session:
            return session.scalar(found) or 0

    def models(self, now: dt.datetime) -> list[str]:
        """Return the models that have a due operation, an endpoint or a deployment."""
        due = (
            select(Run.model)
            .join(Operation, Operation.run_id == Run.run_id)
            .where(Run.environment == self.environment, *_due(now))
        )
        endpoints = select(Endpoint.model).where(
            Endpoint.environment == self.environment
        )
        deployments = select(Deployment.model).where(
            Deployment.environment == self.environment,
            Deployment.state.in_(CHARTS["deployment"].unfinished),
        )
        with self.database.reading() as session:
            return sorted(session.scalars(due.union(endpoints, deployments)))

    def operations(
        self, model: str, now: dt.datetime, *, after: int, limit: int
    ) -> Sequence[Operation]:
        """Return a model's due operations with ids above `after`, in their order."""
        found = (
            select(Operation)
            .join(Run, Run.run_id == Operation.run_id)
            .where(
                Run.environment == self.environment,
                Run.model == model,
                Operation.id > after,
                *_due(now),
            )
        )
        with self.database.reading() as session:
            return session.scalars(found.order_by(Operation.id).limit(limit)).all()

    def next_at(self) -> dt.datetime | None:
        """Return when the next operation is due; None: none is ever again."""
        found = (
            select(func.min(Operation.due_at), func.count())
            .join(Run, Run.run_id == Operation.run_id)
            .where(Run.environment == self.environment, Operation.state.in_(_MOVING))
        )
        with self.database.reading() as session:
            moment: dt.datetime | None = session.execute(found).one()[0]
            return moment

    def stuck(self) -> Sequence[tuple[str, str, str]]:
        """Return model, name and reason of what nothing moves by itself any more."""
        found = (
            select(Run.model, Operation.name, Operation.reason)
            .join(Operation, Operation.run_id == Run.run_id)
            .where(Run.environment == self.environment, Operation.state == "stuck")
            .order_by(Operation.id)
            .limit(_NAMED)
        )
        with self.database.reading() as session:
            return [(row[0], row[1], row[2]) for row in session.execute(found)]

    def unmoved(
        self, table: type[Run] | type[Step], state: str, before: dt.datetime
    ) -> Sequence[Run | Step]:
        """Return runs or steps that have stood in a state since `before`.

        A run moves with its steps.
        """
        found = select(table).where(
            table.environment == self.environment,
            table.state == state,
            table.changed_at < before,
        )
        if table is Run:
            found = found.where(~_step_of_run(Step.changed_at >= before))
        with self.database.reading() as session:
            rows = session.scalars(found.order_by(table.id)).all()
        return cast("Sequence[Run | Step]", rows)

    def given_up(self) -> Sequence[Run | Step]:
        """Return the stuck steps of runs that have not ended, then runs without one."""
        run_is_open = Run.state.in_(CHARTS["run"].unfinished)
        steps = (
            select(Step)
            .join(Run, Run.run_id == Step.run_id)
            .where(Step.environment == self.environment, Step.state == "stuck")
            .where(run_is_open)
        )
        runs = select(Run).where(
            Run.environment == self.environment,
            Run.state == "stuck",
            ~_step_of_run(Step.state == "stuck"),
        )
        with self.database.reading() as session:
            stuck = session.scalars(steps.order_by(Step.id).limit(_NAMED)).all()
            left = session.scalars(runs.order_by(Run.id).limit(_NAMED)).all()
            return [*stuck, *left]

    def endpoints(self, model: str) -> Sequence[Endpoint]:
        """Return a model's endpoints."""
        found = select(Endpoint).where(
            Endpoint.environment == self.environment, Endpoint.model == model
        )
        with self.database.reading() as session:
            return session.scalars(found.order_by(Endpoint.id)).all()

    def deployments(self, model: str) -> Sequence[Deployment]:
        """Return a model's deployments that have not ended."""
        found = select(Deployment).where(
            Deployment.environment == self.environment,
            Deployment.model == model,
            Deployment.state.in_(CHARTS["deployment"].unfinished),
        )
        with self.database.reading() as session:
            return session.scalars(found.order_by(Deployment.id)).all()


def _step_of_run(condition: ColumnElement[bool]) -> Exists:
    """Tell of a run whether any of its steps is so."""
    return exists().where(Step.run_id == Run.run_id, condition)


def _due(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    reached = or_(Operation.due_at.is_(None), Operation.due_at <= now)
    return (Operation.state.in_(_MOVING), reached)
