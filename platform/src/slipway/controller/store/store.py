"""The rows, written: each change of a state with its history, in one transaction."""

import datetime as dt
import getpass
import socket
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from slipway.controller.machine import next_state
from slipway.controller.orm import (
    Deployment,
    Endpoint,
    ModelVersion,
    Operation,
    Run,
    Step,
    Transition,
)
from slipway.controller.states import CHARTS
from slipway.controller.store.database import Database
from slipway.controller.store.records import Records
from slipway.errors import ConflictError

StatefulRow = TypeVar("StatefulRow", Run, Step, Operation, ModelVersion, Deployment)


class Store:
    """The controller's tables, changed one transition at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: The same tables, read.
        self.records = Records(database)
        self._actor = f"{getpass.getuser()}@{socket.gethostname()}"

    def add(self, row: StatefulRow) -> StatefulRow:
        """Insert `row` in its initial state; raise ConflictError if it is there already."""
        try:
            with self._database.transaction() as session:
                self._insert(session, row)
        except IntegrityError as error:
            message = f"This {row.__tablename__} is there already: {error.orig}"
            raise ConflictError(message) from error
        return row

    def advance(
        self, row: StatefulRow, trigger: str, reason: str = "", **changes: object
    ) -> StatefulRow:
        """Fire `trigger` on `row` and set `changes`; return the row as it is now.

        The machine decides legality, the database decides the race: ConflictError when
        somebody else changed the row since it was read.
        """
        with self._database.transaction() as session:
            return self._advance(session, row, trigger, reason, changes)

    def amend(self, row: StatefulRow, **changes: object) -> StatefulRow:
        """Set columns of `row` that are not its state."""
        with self._database.transaction() as session:
            return self._write(session, row, changes)

    def register(self, version: ModelVersion) -> ModelVersion:
        """Insert `version` with the model's next number, or return its equal."""
        same = select(ModelVersion).where(
            ModelVersion.environment == version.environment,
            ModelVersion.model == version.model,
        )
        with self._database.transaction() as session:
            twin = session.scalar(
                same.where(
                    ModelVersion.artifact_digest == version.artifact_digest,
                    ModelVersion.image_uri == version.image_uri,
                )
            )
            if twin is not None:
                return twin
            highest = session.scalar(
                select(func.max(ModelVersion.version)).where(
                    ModelVersion.environment == version.environment,
                    ModelVersion.model == version.model,
                )
            )
            version.version = (highest or 0) + 1
            self._insert(session, version)
        return version

    def promote(self, version: ModelVersion, reason: str) -> None:
        """Make `version` the live one, and the live one superseded, at once."""
        with self._database.transaction() as session:
            live = session.scalars(
                select(ModelVersion).where(
                    ModelVersion.environment == version.environment,
                    ModelVersion.model == version.model,
                    ModelVersion.state == "live",
                )
            ).all()
            for other in live:
                if other.id != version.id:
                    self._advance(session, other, "supersede", reason, {})
            current = session.get_one(ModelVersion, version.id)
            if current.state != "live":
                self._advance(session, current, "promote", reason, {})

    def put_endpoint(self, name: str, **columns: object) -> None:
        """Record what an endpoint should be, or was seen to be."""
        with self._database.transaction() as session:
            row = session.get(Endpoint, name) or Endpoint(name=name)
            for column, value in columns.items():
                setattr(row, column, value)
            session.add(row)

    def _insert(self, session: Session, row: StatefulRow) -> None:
        now = dt.datetime.now(dt.UTC)
        kind = row.__tablename__
        row.state = CHARTS[kind].initial
        row.created_at = row.changed_at = now
        session.add(row)
        session.flush()
        session.add(self._transition(row, "create", "", row.state, ""))

    def _advance(
        self,
        session: Session,
        row: StatefulRow,
        trigger: str,
        reason: str,
        changes: dict[str, object],
    ) -> StatefulRow:
        kind, before = row.__tablename__, row.state
        after = next_state(kind, before, trigger)
        changed = self._write(
            session, row, {**changes, "state": after, "reason": reason}
        )
        session.add(self._transition(changed, trigger, before, after, reason))
        return changed

    def _write(
        self, session: Session, row: StatefulRow, changes: dict[str, object]
    ) -> StatefulRow:
        table = type(row)
        values = {
            **changes,
            "revision": row.revision + 1,
            "changed_at": dt.datetime.now(dt.UTC),
        }
        statement = (
            update(table)
            .where(
                table.id == row.id,
                table.state == row.state,
                table.revision == row.revision,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        result: Any = session.execute(statement)
        if result.rowcount != 1:
            message = (
                f"The {row.__tablename__} {row.id} was changed by somebody else meanwhile:"
                " look again with invoke status"
            )
            raise ConflictError(message)
        return session.get_one(table, row.id, populate_existing=True)

    def _transition(
        self, row: StatefulRow, trigger: str, before: str, after: str, reason: str
    ) -> Transition:
        return Transition(
            kind=row.__tablename__,
            row_id=row.id,
            trigger=trigger,
            from_state=before,
            to_state=after,
            actor=self._actor,
            reason=reason,
            at=dt.datetime.now(dt.UTC),
        )
