"""Override rows: set, taken back, and counted by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import ConfigOverride
from slipway.controller.store.database import Database
from slipway.controller.store.moment import database_now
from slipway.controller.store.store import Store
from slipway.errors import ConflictError


@dataclass(frozen=True)
class Listed:
    """An override, and whether its time had come when it was read."""

    row: ConfigOverride
    is_over: bool

    @property
    def counts(self) -> bool:
        """Whether it is laid over the files."""
        return self.row.state == "active" and not self.is_over

    @property
    def state(self) -> str:
        """Its state; one whose time has come is expired, whoever wrote it down."""
        return (
            "expired" if self.row.state == "active" and self.is_over else self.row.state
        )


def overrides_of(database: Database, model: str, environment: str) -> Sequence[Listed]:
    """Return every override of a model that ever was, oldest first."""
    over = ConfigOverride.expires_at <= database_now()
    found = select(ConfigOverride, over).where(
        ConfigOverride.model == model, ConfigOverride.environment == environment
    )
    with database.reading() as session:
        rows = session.execute(found.order_by(ConfigOverride.id)).all()
    return [Listed(row, bool(is_over)) for row, is_over in rows]


def set_override(store: Store, row: ConfigOverride) -> ConfigOverride:
    """Insert an override, and end the one of the same key that was there, at once."""
    try:
        with store.changing() as changes:
            for listed in overrides_of(store.database, row.model, row.environment):
                if listed.row.state == "active" and listed.row.key == row.key:
                    trigger = "expire" if listed.is_over else "replace"
                    changes.advance(listed.row, trigger, f"{row.key} was set anew")
            return changes.insert(row)
    except IntegrityError as error:
        message = (
            f"Somebody else set {row.key!r} at the same time. See what counts now:"
            f" invoke config.list {row.model}"
        )
        raise ConflictError(message) from error


def clock(database: Database) -> float:
    """Return the seconds since 1970, as the database's clock says now."""
    with database.reading() as session:
        return float(session.execute(select(database_now())).scalar_one())
