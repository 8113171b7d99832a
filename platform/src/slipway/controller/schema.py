"""The schema's version: brought up to date by Alembic before anything is read."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

    from slipway.controller.store import Database

#: The newest migration. A database that says so needs nothing; Alembic is not loaded.
HEAD = "0001"


def migrate(database: "Database") -> None:
    """Bring the database to the schema that this code expects."""
    with database.reached():
        _migrate(database)


def _migrate(database: "Database") -> None:
    if current(database) == HEAD:
        return
    from alembic import command  # late: half a second that few calls need

    with database.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(database: "Database") -> str | None:
    """Return the migration that the database is at; None: it is empty."""
    with database.engine.connect() as connection:
        if not connection.dialect.has_table(connection, "alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        return str(found.scalar_one())


def alembic_config() -> "Config":
    """Return Alembic's settings: its scripts are part of this package."""
    from alembic.config import Config  # late: as above

    config = Config()
    folder = files("slipway.controller") / "migrations"
    config.set_main_option("script_location", str(folder))
    return config
