"""Where this machine's Airflow keeps its tables: five processes write to them at once."""

import os
import tempfile
from pathlib import Path

from slipway.application.postgres import is_installed, start_postgres, stop_postgres
from slipway.digests import key_of

#: The driver of Airflow's own environment.
_DRIVER = "psycopg2"


def start_database(home: Path) -> str:
    """Return the address of Airflow's tables, their server started where it is down.

    Empty where no PostgreSQL is installed: SQLite, which is busy when runs are many.
    """
    if not is_installed():
        return ""
    server = start_postgres(database_folder(home), stays=True)
    return str(server.get_uri(driver=_DRIVER))


def stop_database(home: Path) -> None:
    """End the server of Airflow's tables; what is in them is kept."""
    if is_installed():
        stop_postgres(database_folder(home))


def database_folder(home: Path) -> Path:
    """Return the folder of the server's data.

    Started by root, the server runs as another user, who may be shut out of the home at
    any time: pytest does so with its temporary folders. Then its place is outside.
    """
    if os.geteuid() != 0:
        return home / "postgres"
    name = f"slipway-airflow-{key_of(str(home.resolve()).encode())}"
    return Path(tempfile.gettempdir()) / name
