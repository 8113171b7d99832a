"""Changes of a SQLite file that commit at once, or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from slipway.sagemaker_local.faults import StorageFullError


@contextmanager
def committing(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is changed within, or roll it back where something is raised.

    Within another one it is a part of it. A full disk is a StorageFullError. Whoever
    enters must be the only one who writes on the connection meanwhile.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        _roll_back(connection)
        if "full" in str(error):
            raise StorageFullError(str(error)) from error
        raise
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
