"""How long each version was its model's champion, read from the history of states."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from slipway.controller.orm import ModelVersion, Transition
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.database import Database


@dataclass(frozen=True)
class Reign:
    """A time through which one version was the champion."""

    #: The version's row.
    version_id: int
    since: dt.datetime
    #: None: it still is.
    until: dt.datetime | None
    #: Who made it the champion, and why.
    actor: str
    reason: str


def reigns_of(database: Database, model: str, environment: str) -> list[Reign]:
    """Return each time a version of the model was its champion, the first one first."""
    found = (
        select(Transition)
        .join(ModelVersion, ModelVersion.id == Transition.row_id)
        .where(
            Transition.kind == "model_version",
            ModelVersion.model == model,
            ModelVersion.environment == environment,
            or_(Transition.to_state == CHAMPION, Transition.from_state == CHAMPION),
        )
        .order_by(Transition.id)
    )
    with database.reading() as session:
        changes = session.scalars(found).all()
    reigns: list[Reign] = []
    for change in changes:
        if reigns and reigns[-1].until is None:
            reigns[-1] = replace(reigns[-1], until=change.at)
        if change.to_state == CHAMPION:
            row, at = change.row_id, change.at
            reigns.append(Reign(row, at, None, change.actor, change.reason))
    return reigns
