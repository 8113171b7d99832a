"""The database's clock: machines whose own clocks differ agree on it."""

import datetime as dt
import threading
import time

from sqlalchemy import select

from slipway.controller.store.database import Database
from slipway.controller.store.moment import database_now

#: Seconds for which this machine's steady clock carries on what the database said.
_CARRIED = 10.0


def seconds_now(database: Database) -> float:
    """Return the seconds since 1970, as the database's clock says now."""
    with database.reading() as session:
        return float(session.execute(select(database_now())).scalar_one())


class DatabaseClock:
    """Says what time it is for a database; asks it now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        #: The seconds since 1970 that were told, and when by the steady clock.
        self._told: tuple[float, float] | None = None

    def __call__(self) -> dt.datetime:
        """Return the moment; SQLite's clock is this machine's."""
        if self._database.kind == "sqlite":
            return dt.datetime.now(dt.UTC)
        with self._lock:
            steady = time.monotonic()
            if self._told is None or steady - self._told[1] > _CARRIED:
                self._told = seconds_now(self._database), time.monotonic()
            seconds, since = self._told
            return dt.datetime.fromtimestamp(seconds + steady - since, dt.UTC)
