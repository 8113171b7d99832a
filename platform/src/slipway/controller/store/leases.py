"""Leases: one holder at a time, by the database's clock, with fencing tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import Lease
from slipway.controller.store.database import Database
from slipway.controller.store.moment import database_now
from slipway.controller.store.statements import Driver, prepared, run
from slipway.errors import FencedError

#: Seconds that a lease lasts from its last heartbeat.
LEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Held:
    """A lease that this process took, with the token that fences its writes."""

    resource: str
    token: int
    holder: str
    #: How long it lasts from a heartbeat.
    seconds: float = LEASE_SECONDS


@dataclass(frozen=True)
class Seen:
    """A lease as the database holds it, looked at once."""

    token: int
    #: Empty: nobody holds it.
    holder: str
    #: The lock file that the holder has locked too; empty: none.
    place: str
    renewals: int
    #: Seconds since 1970.
    acquired_at: float
    expires_at: float
    #: Seconds until it expires by the database's clock; below zero: it has.
    left: float


class Leases:
    """The leases of one database."""

    def __init__(
        self,
        database: Database,
        *,
        seconds: float = LEASE_SECONDS,
        now: Callable[[], ColumnElement[float]] = database_now,
    ) -> None:
        self._database = database
        self.seconds = seconds
        self._now = now

    def seen(self, resource: str) -> Seen | None:
        """Return the lease on `resource`; None: nobody ever held it."""
        statement = select(
            Lease.token,
            Lease.holder,
            Lease.place,
            Lease.renewals,
            Lease.acquired_at,
            Lease.expires_at,
            (Lease.expires_at - self._now()).label("left"),
        ).where(Lease.resource == resource)
        with self._database.reading() as session:
            found = session.execute(statement).one_or_none()
        return Seen(*found) if found else None

    def held_below(self, prefix: str) -> Sequence[str]:
        """Return what somebody holds of the resources whose names begin with `prefix`."""
        statement = select(Lease.resource).where(
            Lease.resource.startswith(prefix, autoescape=True), Lease.holder != ""
        )
        with self._database.reading() as session:
            return session.scalars(statement.order_by(Lease.resource)).all()

    def take(
        self, resource: str, seen: Seen | None, *, holder: str, place: str = ""
    ) -> Held | None:
        """Take the lease from the state it was `seen` in; None: somebody was quicker."""
        token = seen.token + 1 if seen else 1
        held = Held(resource, token, holder, self.seconds)
        values = values_taken(held, self._now(), place)
        try:
            with self._database.transaction() as connection:
                if seen is None:
                    connection.execute(insert(Lease).values(**values))
                    return held
                found = connection.execute(
                    update(Lease)
                    .where(
                        Lease.resource == resource,
                        Lease.token == seen.token,
                        Lease.renewals == seen.renewals,
                    )
                    .values(**values)
                )
        except IntegrityError:
            return None
        return held if found.rowcount == 1 else None

    def renew(self, held: Held) -> bool:
        """Make the lease last on; tell whether it is still this holder's.

        Nobody waits for the disk: a heartbeat that is lost lets it run out earlier.
        """
        with self._database.transaction(durable=False) as connection:
            return _renewed(connection, held, self._now())

    def release(self, held: Held) -> bool:
        """Let go of the lease; tell whether it was still this holder's.

        Nobody waits for the disk: a release that is lost lets it run out later.
        """
        let_go = _own(held).values(holder="", place="", expires_at=self._now())
        with self._database.transaction(durable=False) as connection:
            return connection.execute(let_go).rowcount == 1


def values_taken(
    held: Held, now: ColumnElement[float], place: str = ""
) -> dict[str, object]:
    """Return the row of a lease that is taken now."""
    return {
        "resource": held.resource,
        "token": held.token,
        "holder": held.holder,
        "place": place,
        "renewals": 0,
        "acquired_at": now,
        "expires_at": now + held.seconds,
    }


def prolong(database: Database, fences: Sequence[Held]) -> None:
    """Make all leases last on as from now, by the database's clock, or raise FencedError.

    For what no transaction fences: whoever does it then has a whole lease for it, in which
    nobody else holds what they hold.
    """
    with database.transaction(durable=False) as connection:
        for held in fences:
            check_fenced(held, int(_renewed(connection, held, database_now())))


def _renewed(connection: Connection, held: Held, now: ColumnElement[float]) -> bool:
    """Make a lease last on; tell whether it is still this holder's."""
    beat = {"renewals": Lease.renewals + 1, "expires_at": now + held.seconds}
    return connection.execute(_own(held).values(**beat)).rowcount == 1


def _own(held: Held) -> Update:
    """Return an update of a lease while it is this holder's."""
    return update(Lease).where(
        Lease.resource == held.resource,
        Lease.token == held.token,
        Lease.holder == held.holder,
    )


def check_fences(connection: Connection | Driver, fences: Sequence[Held]) -> None:
    """Raise FencedError unless all are the newest leases, and keep them so to the commit."""
    for held in fences:
        made = prepared(connection, fence)
        found = run(connection, made, fence_values(held)).fetchall()
        check_fenced(held, len(found))


def check_fenced(held: Held, found: int) -> None:
    """Raise FencedError unless the newest lease was found to be `held`."""
    if not found:
        message = (
            f"Somebody else holds {held.resource} now: the lease of {held.holder} ended,"
            " and nothing was written. See who: invoke status"
        )
        raise FencedError(message)


def fence_values(held: Held, number: int = 0) -> dict[str, object]:
    """Return the values of a statement's question for its lease `number`."""
    return {
        f"_resource_{number}": held.resource,
        f"_token_{number}": held.token,
        f"_holder_{number}": held.holder,
    }


def fence(number: int = 0) -> Select[int]:
    """Return the question for a lease, which locks it where rows can be locked."""
    return (
        select(Lease.token)
        .where(
            Lease.resource == bindparam(f"_resource_{number}"),
            Lease.token == bindparam(f"_token_{number}"),
            Lease.holder == bindparam(f"_holder_{number}"),
        )
        .with_for_update(read=True)
    )
