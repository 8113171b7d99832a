"""Runs as experiments: how they ended, and when that was known first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import func, select

from slipway.controller.orm import Run, Step, Transition
from slipway.controller.store.database import Database

Key = TypeVar("Key")
#: How many keys a statement names.
_MOST = 500
#: Where a run stands when its gates have spoken.
VERDICTS = ("succeeded", "rejected")


def runs_since(
    database: Database, environment: str, models: Sequence[str], since: dt.datetime
) -> Sequence[Run]:
    """Return the runs of some models that were opened since a moment, oldest first."""
    found = select(Run).where(
        Run.environment == environment, Run.model.in_(models), Run.created_at >= since
    )
    with database.reading() as session:
        return session.scalars(found.order_by(Run.id)).all()


def runs_tagged(
    database: Database, environment: str, model: str, tag: str
) -> Sequence[Run]:
    """Return the runs of a model that have a tag, newest first."""
    found = select(Run).where(Run.environment == environment, Run.model == model)
    with database.reading() as session:
        runs = session.scalars(found.order_by(Run.changed_at.desc(), Run.id.desc()))
        return [run for run in runs if tag in run.tags]


def steps_of(database: Database, runs: Sequence[Run]) -> Mapping[str, list[Step]]:
    """Return the steps of each run, by its id, in the order they began."""
    steps: dict[str, list[Step]] = {run.run_id: [] for run in runs}
    with database.reading() as session:
        for part in _parts(list(steps)):
            found = select(Step).where(Step.run_id.in_(part)).order_by(Step.id)
            for step in session.scalars(found):
                steps[step.run_id].append(step)
    return steps


def first_verdicts(
    database: Database, runs: Sequence[Run]
) -> Mapping[int, dt.datetime]:
    """Return when each run, by its row, succeeded or was rejected first."""
    verdicts: dict[int, dt.datetime] = {}
    with database.reading() as session:
        for part in _parts([run.id for run in runs]):
            found = (
                select(Transition.row_id, func.min(Transition.at))
                .where(
                    Transition.kind == "run",
                    Transition.row_id.in_(part),
                    Transition.to_state.in_(VERDICTS),
                )
                .group_by(Transition.row_id)
            )
            verdicts |= dict(session.execute(found).tuples().all())
    return verdicts


def _parts(keys: list[Key]) -> list[list[Key]]:
    """Return the keys in parts that a statement may name at once."""
    return [keys[first : first + _MOST] for first in range(0, len(keys), _MOST)]
