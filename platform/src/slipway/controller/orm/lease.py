"""Who moves something now, and how many calls are left."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row


class Lease(Row):
    """Who moves something now. The row stays when nobody does: its token only grows."""

    __tablename__ = "lease"

    #: What is moved: `environment/model`.
    resource: Mapped[str] = mapped_column(String(200), primary_key=True)
    #: Grows with every holder: a write with an older one is refused.
    token: Mapped[int] = mapped_column(BigInteger)
    #: A user, a host and a process; empty: nobody holds it.
    holder: Mapped[str] = mapped_column(String(200))
    #: The lock file that the holder has locked as well; empty: none.
    place: Mapped[str] = mapped_column(String(64))
    #: Counts its heartbeats.
    renewals: Mapped[int] = mapped_column(default=0)
    #: Seconds since 1970 by the database's own clock.
    acquired_at: Mapped[float]
    expires_at: Mapped[float]


class CallBudget(Row):
    """A token bucket for an account's calls, shared by everybody who makes them."""

    __tablename__ = "call_budget"

    #: Account, region and class of calls.
    bucket: Mapped[str] = mapped_column(String(200), primary_key=True)
    tokens: Mapped[float]
    #: Seconds since 1970 by the database's own clock.
    refilled_at: Mapped[float]
