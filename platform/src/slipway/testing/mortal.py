"""A process that dies at a chosen instant: nothing of it acts after that."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from slipway.controller.store import Database
from slipway.controller.store.statements import Driver
from slipway.s3.uri import S3Uri
from slipway.sagemaker.alarms import AlarmState
from slipway.sagemaker.gateway import Accepted, Answer, Observation
from slipway.sagemaker.resources import Resource
from slipway.testing.fake_alarms import FakeAlarms
from slipway.testing.fake_endpoints import FakeSageMaker
from slipway.testing.fake_stores import Shelf


class CrashError(BaseException):
    """The process ends here."""


class Life:
    """What is left of a process: so many looks, calls and transactions."""

    def __init__(self) -> None:
        self._left: int | None = None

    def ends_after(self, instants: int) -> None:
        """Let the process die at the instant with that number, from 1."""
        self._left = instants

    def begins(self) -> None:
        """Start another process, which lives."""
        self._left = None

    def pass_instant(self) -> None:
        """Die if it is time; what a dead process does on its way out dies, too."""
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            raise CrashError


class MortalDatabase(Database):
    """A database whose user dies before a transaction, inside it or after its commit."""

    def __init__(self, url: str, life: Life) -> None:
        super().__init__(url)
        self._life = life

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """Open a transaction that writes."""
        self._life.pass_instant()
        with super().transaction(durable=durable) as connection:
            yield connection
            self._life.pass_instant()
        self._life.pass_instant()

    @contextmanager
    def sqlite_transaction(self, *, durable: bool = True) -> Iterator[Driver]:
        """Open a transaction that writes, on SQLite's own connection."""
        self._life.pass_instant()
        with super().sqlite_transaction(durable=durable) as driver:
            yield driver
            self._life.pass_instant()
        self._life.pass_instant()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that reads."""
        self._life.pass_instant()
        with super().reading() as session:
            yield session


class MortalAlarms(FakeAlarms):
    """Alarms whose caller dies before a call."""

    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life

    def put(self, payload: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        """Keep an alarm."""
        self._life.pass_instant()
        super().put(payload, owner)

    def states(self, names: Sequence[str]) -> dict[str, AlarmState]:
        """Return what alarms say."""
        self._life.pass_instant()
        return super().states(names)

    def set_state(self, name: str, state: AlarmState, reason: str) -> None:
        """Set off a stop alarm, or forget that it was."""
        self._life.pass_instant()
        super().set_state(name, state, reason)


class MortalShelf(Shelf):
    """S3 whose caller dies between two objects."""

    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life

    def write_once(self, uri: S3Uri, value: object) -> bool:
        """Keep a JSON value unless something is there; tell if it was not."""
        self._life.pass_instant()
        return super().write_once(uri, value)

    def delete_below(self, prefix: S3Uri) -> int:
        """Delete every object below a prefix; return how many bytes they had."""
        freed = 0
        for found in [*self.list(prefix)]:
            self._life.pass_instant()
            freed += super().delete_below(found.uri)
        return freed


class MortalSageMaker(FakeSageMaker):
    """SageMaker in memory, whose caller dies before a call or before its answer."""

    def __init__(self, life: Life) -> None:
        super().__init__()
        self.alarms: FakeAlarms = MortalAlarms(life)
        self._life = life

    def mutate(
        self, operation: str, payload: Mapping[str, Any], resource: Resource
    ) -> Accepted:
        """Carry one call out, or refuse it."""
        self._life.pass_instant()
        accepted = super().mutate(operation, payload, resource)
        self._life.pass_instant()
        return accepted

    def describe(self, kind: str, name: str) -> Observation | None:
        """Return what there is of a resource."""
        self._life.pass_instant()
        return super().describe(kind, name)

    def invoke(self, endpoint: str, body: bytes, **options: Any) -> Answer:
        """Answer as the version that serves does."""
        self._life.pass_instant()
        return super().invoke(endpoint, body, **options)
