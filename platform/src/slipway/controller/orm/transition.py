"""The history of every row."""

import datetime as dt

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row

#: What was changed for a caller's key, which alone is looked up by its lease.
OF_ANSWERS = text("substr(lease, 1, 7) = 'answer/'")


class Transition(Row):
    """One change of one row's state. Rows are added, never changed."""

    __tablename__ = "transition"
    __table_args__ = (
        Index("ix_transition_row", "kind", "row_id"),
        Index(
            "ix_transition_answer",
            "lease",
            sqlite_where=OF_ANSWERS,
            postgresql_where=OF_ANSWERS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    row_id: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    #: Who made it: a user and a host.
    actor: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(4096), default="")
    #: The writer's fencing token; 0: it held no lease.
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    #: The narrowest lease that it held, which the token is of; empty: none.
    lease: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[dt.datetime]
