"""Overrides of a model's configuration."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, at_most_one, known_state


class ConfigOverride(Stateful, Row):
    """A value that somebody set by hand, over what files say. It never changes."""

    __tablename__ = "config_override"
    __table_args__ = (
        Index("ix_config_override_model", "model", "environment"),
        at_most_one(
            "uq_config_override_active",
            "environment",
            "model",
            "key",
            where="state = 'active'",
        ),
        known_state("config_override"),
    )

    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64))
    #: A key of `model.yaml`, or an operation and members of its payload.
    key: Mapped[str] = mapped_column(String(200))
    #: As JSON text: SQLite would read a JSON column's 200 as a number of its own.
    value: Mapped[str] = mapped_column(String(2048))
    #: Who set it: a user and a host.
    actor: Mapped[str] = mapped_column(String(200))
    #: Why; the column `reason` says why it ended.
    purpose: Mapped[str] = mapped_column(String(1024))
    #: Seconds since 1970 by the database's own clock.
    expires_at: Mapped[float]

    def __str__(self) -> str:
        return f"Override {self.id} of {self.model}"
