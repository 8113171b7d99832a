"""What callers' keys were answered: begun, kept, taken over from the dead, purged."""

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import KeptAnswer, Lease, Transition
from slipway.controller.orm.transition import OF_ANSWERS
from slipway.controller.store.database import Database
from slipway.controller.store.leases import Held, values_taken
from slipway.controller.store.moment import database_now
from slipway.errors import ConflictError

#: How long a key counts from when it was first given.
KEPT = dt.timedelta(days=7)
#: Answers that one statement purges at most.
_BATCH = 500
#: Changes that a refusal names.
_NAMED = 3


class Answers:
    """The kept answers of one database; whoever answers a key holds a lease of its own.

    The lease's row lives for one try and has a name that no other try has: who lost it
    is fenced for good, whoever answers the key later.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, begun: KeptAnswer, holder: str) -> Held | None:
        """Hold a key to answer it; None: it is answered, or somebody who lives does.

        A key whose holder's lease is gone is taken over; ConflictError when that one had
        changed something: nobody repeats it.
        """
        held = Held(f"answer/{secrets.token_hex(16)}", 1, holder)
        columns = ("caller", "key", "request_digest", "begun_at")
        values = {name: getattr(begun, name) for name in columns}
        try:
            with self._database.transaction() as connection:
                row = {**values, "status": 0, "body": "", "lease": held.resource}
                connection.execute(insert(KeptAnswer).values(**row))
                _lease(connection, held)
                return held
        except IntegrityError:
            with self._database.transaction() as connection:
                return held if _is_taken_over(connection, begun, held) else None

    def find(self, caller: str, key: str) -> KeptAnswer | None:
        """Return what a caller's key was answered."""
        found = select(KeptAnswer).where(
            KeptAnswer.caller == caller, KeptAnswer.key == key
        )
        with self._database.reading() as session:
            return session.scalar(found)

    def keep(self, held: Held, status: int, body: str) -> bool:
        """Write what a key was answered; tell whether its holder still held it."""
        with self._database.transaction() as connection:
            _let_go(connection, held)
            kept = update(KeptAnswer).where(KeptAnswer.lease == held.resource)
            done = kept.values(status=status, body=body, lease="")
            return connection.execute(done).rowcount == 1

    def forget(self, held: Held) -> None:
        """Let a key be used again, unless something was changed for it."""
        with self._database.transaction() as connection:
            _let_go(connection, held)
            if not _changed(connection, held.resource):
                unanswered = KeptAnswer.lease == held.resource
                connection.execute(delete(KeptAnswer).where(unanswered))

    def purge(self, now: dt.datetime) -> bool:
        """Delete some of the answers whose time is over; tell whether more may be."""
        living = select(Lease.resource).where(Lease.expires_at > database_now())
        old = (
            select(KeptAnswer.caller, KeptAnswer.key, KeptAnswer.lease)
            .where(KeptAnswer.begun_at < now - KEPT, KeptAnswer.lease.not_in(living))
            .order_by(KeptAnswer.begun_at)
            .limit(_BATCH)
        )
        with self._database.transaction() as connection:
            found = connection.execute(old).all()
            dead = [lease for _caller, _key, lease in found if lease]
            connection.execute(delete(Lease).where(Lease.resource.in_(dead)))
            place = tuple_(KeptAnswer.caller, KeptAnswer.key)
            gone = [(caller, key) for caller, key, _lease in found]
            connection.execute(delete(KeptAnswer).where(place.in_(gone)))
        return len(found) == _BATCH


def _is_taken_over(connection: Connection, begun: KeptAnswer, held: Held) -> bool:
    """Take a key from a holder whose lease is gone; tell whether it could be taken."""
    is_same = (
        KeptAnswer.caller == begun.caller,
        KeptAnswer.key == begun.key,
        KeptAnswer.request_digest == begun.request_digest,
    )
    open_ = select(KeptAnswer.lease).where(*is_same, KeptAnswer.status == 0)
    lost = connection.scalar(open_.with_for_update())
    if lost is None:
        return False
    over = Lease.expires_at <= database_now()
    connection.execute(delete(Lease).where(Lease.resource == lost, over))
    if connection.scalar(select(Lease.token).where(Lease.resource == lost)):
        return False
    if changed := _changed(connection, lost):
        told = ", ".join(f"{kind} {row} ({word})" for kind, row, word in changed)
        message = (
            f"The request of Idempotency-Key {begun.key!r} was not ended, after it had"
            f" changed {told}: nobody repeats that. Look at it, and ask with another key"
            " for what is missing"
        )
        raise ConflictError(message)
    connection.execute(update(KeptAnswer).where(*is_same).values(lease=held.resource))
    _lease(connection, held)
    return True


def _changed(connection: Connection, lease: str) -> Sequence[Row[str, int, str]]:
    """Return some of what was changed under a lease: kind, row and trigger."""
    columns = (Transition.kind, Transition.row_id, Transition.trigger)
    found = select(*columns).where(Transition.lease == lease, OF_ANSWERS)
    return connection.execute(found.order_by(Transition.id).limit(_NAMED)).all()


def _lease(connection: Connection, held: Held) -> None:
    connection.execute(insert(Lease).values(**values_taken(held, database_now())))


def _let_go(connection: Connection, held: Held) -> None:
    connection.execute(delete(Lease).where(Lease.resource == held.resource))
