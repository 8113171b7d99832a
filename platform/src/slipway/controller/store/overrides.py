"""Override rows: set, taken back, and counted by the database's clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import ConfigOverride
from slipway.controller.store.changes import Changes
from slipway.controller.store.database import Database
from slipway.controller.store.moment import database_now
from slipway.controller.store.store import Store
from slipway.errors import ConflictError, InvalidRequestError

#: What people call a column, where that is another word.
_CALLED = {"purpose": "reason"}
_LONGEST_SHOWN = 80

_ACTIVE = ConfigOverride.state == "active"
_OVER = ConfigOverride.expires_at <= database_now()


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


@dataclass(frozen=True)
class Wanted:
    """Which overrides a list holds."""

    model: str
    environment: str
    #: Those alone that are laid over the files now.
    counting: bool = False


def override_page(
    database: Database, wanted: Wanted, *, limit: int, before: int | None = None
) -> Sequence[Listed]:
    """Return the newest overrides, older than the id `before`."""
    found = _listing(wanted.model, wanted.environment)
    if wanted.counting:
        found = found.where(_ACTIVE, ~_OVER)
    if before is not None:
        found = found.where(ConfigOverride.id < before)
    found = found.order_by(ConfigOverride.id.desc()).limit(limit)
    return _listed(database, found)


def active_overrides(
    database: Database, model: str, environment: str
) -> Sequence[Listed]:
    """Return what is set over a model's files and not ended, oldest first."""
    found = _listing(model, environment).where(_ACTIVE)
    return _listed(database, found.order_by(ConfigOverride.id))


def _listing(model: str, environment: str) -> Select[ConfigOverride, bool]:
    return select(ConfigOverride, _OVER).where(
        ConfigOverride.model == model, ConfigOverride.environment == environment
    )


def _listed(
    database: Database, found: Select[ConfigOverride, bool]
) -> Sequence[Listed]:
    with database.reading() as session:
        rows = session.execute(found).all()
    return [Listed(row, bool(is_over)) for row, is_over in rows]


def set_override(
    store: Store, row: ConfigOverride, *, beside: Iterable[int] | None = None
) -> ConfigOverride:
    """Insert an override, and end the one of the same key that was there, at once.

    ConflictError when others count now than those with the ids `beside`, with which it
    was checked. None: it does not matter which count. InvalidRequestError for a text that
    is longer than what is kept of it.
    """
    _check_lengths(row)
    try:
        with store.changing() as changes:
            _one_at_a_time(store, changes, row)
            known = active_overrides(store.database, row.model, row.environment)
            counting = {listed.row.id for listed in known if listed.counts}
            if beside is not None and counting - set(beside):
                raise ConflictError(_overtaken(row))
            for listed in known:
                if listed.row.key == row.key:
                    trigger = "expire" if listed.is_over else "replace"
                    changes.advance(listed.row, trigger, f"{row.key} was set anew")
            return changes.insert(row)
    except IntegrityError as error:
        raise ConflictError(_overtaken(row)) from error


def _check_lengths(row: ConfigOverride) -> None:
    """Raise for what PostgreSQL would refuse, and SQLite would keep."""
    for column in ConfigOverride.__table__.columns:
        given, most = getattr(row, column.name), getattr(column.type, "length", None)
        if isinstance(given, str) and most is not None and len(given) > most:
            name = _CALLED.get(column.name, column.name)
            message = (
                f"The {name} of an override of {row.key[:_LONGEST_SHOWN]!r} has"
                f" {len(given)} characters, and {most} are kept at most: shorten it, or"
                " write the value into the model's file"
            )
            raise InvalidRequestError(message)


def _one_at_a_time(store: Store, changes: Changes, row: ConfigOverride) -> None:
    """Wait until nobody else sets an override of the same model; SQLite has waited."""
    if store.database.kind == "postgresql":
        place = f"override/{row.environment}/{row.model}"
        changes.connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtext(place)))
        )


def _overtaken(row: ConfigOverride) -> str:
    return (
        f"Somebody else set a value of {row.model} while {row.key!r} was checked. See what"
        f" counts now, and ask again: invoke config.list {row.model}"
    )
