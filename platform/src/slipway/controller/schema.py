"""The schema's version: brought up to date by Alembic before anything is read."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from slipway.controller.store import Database

#: The newest migration. A database that says so needs nothing; Alembic is not loaded.
HEAD = "0013"


def migrate(database: "Database") -> None:
    """Bring the database to the schema that this code expects."""
    if current(database) == HEAD:
        return
    from alembic import command  # late: half a second that few calls need

    with database.rebuilding() as connection:
        command.upgrade(alembic_config(connection), "head")


def current(database: "Database") -> str | None:
    """Return the migration that the database is at; None: it is empty."""
    with database.reading() as session:
        connection = session.connection()
        if not connection.dialect.has_table(connection, "alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        version: str | None = found.scalar_one_or_none()
        return version


def alembic_config(connection: "Connection") -> "Config":
    """Return Alembic's settings for one connection: its scripts are in this package."""
    from alembic.config import Config  # late: as above

    config = Config()
    folder = files("slipway.controller") / "migrations"
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config
