"""The rows, written: each change of a state with its history, in one transaction."""

import datetime as dt
import getpass
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import ModelVersion
from slipway.controller.store.at_once import write_at_once
from slipway.controller.store.changes import Changes, StatefulRow
from slipway.controller.store.clock import DatabaseClock
from slipway.controller.store.database import Database
from slipway.controller.store.leases import Held, check_fences, prolong
from slipway.controller.store.records import Records
from slipway.controller.store.writes import Write, Written, write
from slipway.errors import ConflictError

#: How often a number is tried that others take at the same time.
_NUMBERS = 50


class Store:
    """The controller's tables, changed one transition at a time."""

    def __init__(
        self,
        database: Database,
        *,
        held: tuple[Held, ...] = (),
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        #: For what is no change of a state: leases, budgets, migrations.
        self.database = database
        #: The same tables, read.
        self.records = Records(database)
        self._writer = write if database.kind == "sqlite" else write_at_once
        #: The leases that every write is fenced with, the narrowest last.
        self.held = held
        #: What says how long something stands where it stands.
        self.now = now or DatabaseClock(database)
        #: Whether its changes wait for the disk.
        self.is_durable = True
        #: Who history says made a change: a user and a host, or a token.
        self.actor = f"{getpass.getuser()}@{socket.gethostname()}"

    def fenced(self, held: Held) -> Self:
        """Return the same tables for the holder of one more lease: writes end with it."""
        made = copy(self)
        made.held = (*self.held, held)
        return made

    def unfenced(self) -> Self:
        """Return the same tables for what a person asks for, which waits for no lease."""
        made = copy(self)
        made.held = ()
        return made

    def confirm(self) -> None:
        """Make the leases that fence the writes last on, before what they cannot fence.

        FencedError when one of them is somebody else's by now.
        """
        if self.held:
            prolong(self.database, self.held)

    def relaxed(self) -> Self:
        """Return the same tables for what can be asked for again.

        Its changes do not wait for the disk: a power cut can undo the last of them.
        """
        made = copy(self)
        made.is_durable = False
        return made

    def acting(self, actor: str) -> Self:
        """Return the same tables for somebody else to change."""
        made = copy(self)
        made.actor = actor
        return made

    @contextmanager
    def changing(self) -> Iterator[Changes]:
        """Open a transaction: all of its changes are kept, or none.

        FencedError when the writer's lease was taken by somebody else.
        """
        with self.database.transaction(durable=self.is_durable) as connection:
            check_fences(connection, self.held)
            yield self._changes(connection, self._writer)

    @contextmanager
    def changing_once(self) -> Iterator[Changes]:
        """Open a transaction of one change: a single statement, where that is quicker."""
        if self.database.kind == "sqlite":
            durable = self.is_durable
            with self.database.sqlite_transaction(durable=durable) as driver:
                check_fences(driver, self.held)
                yield self._changes(driver, write)
            return
        writer = partial(write_at_once, held=self.held, durable=self.is_durable)
        with self.database.statement() as driver:
            yield self._changes(driver, writer)

    def _changes(
        self,
        connection: Any,  # of SQLAlchemy, or SQLite's own
        writer: Callable[[Any, Write], Written],
    ) -> Changes:
        held = self.held[-1] if self.held else None
        return Changes(connection, self.actor, held, self.now(), writer)

    def add(self, row: StatefulRow, *triggers: str) -> StatefulRow:
        """Insert `row` in its initial state, and fire triggers on it.

        ConflictError when it is there already.
        """
        try:
            with self.changing() as changes:
                made = changes.insert(row)
                return changes.advance(made, triggers) if triggers else made
        except IntegrityError as error:
            message = f"This {row.__tablename__} is there already: {error.orig}"
            raise ConflictError(message) from error

    def advance(
        self,
        row: StatefulRow,
        triggers: str | tuple[str, ...],
        reason: str = "",
        **columns: object,
    ) -> StatefulRow:
        """Fire triggers on `row` and set columns; return the row as it is now.

        The machine decides legality, the database decides the race: ConflictError when
        somebody else changed the row since it was read.
        """
        with self.changing_once() as changes:
            return changes.advance(row, triggers, reason, **columns)

    def amend(self, row: StatefulRow, **columns: object) -> StatefulRow:
        """Set columns of `row` that are not its state."""
        with self.changing_once() as changes:
            return changes.amend(row, **columns)

    def register(self, version: ModelVersion) -> ModelVersion:
        """Insert `version` with the model's next number, or return its equal."""
        for _ in range(_NUMBERS):
            twin = self.records.equal_version(version)
            if twin is not None:
                return twin
            try:
                with self.changing() as changes:
                    highest = changes.connection.scalar(
                        select(func.max(ModelVersion.version)).where(
                            ModelVersion.environment == version.environment,
                            ModelVersion.model == version.model,
                        )
                    )
                    version.version = (highest or 0) + 1
                    return changes.insert(version)
            except IntegrityError:
                continue
        message = f"{_NUMBERS} others took the next number of {version.model} first"
        raise ConflictError(message)
