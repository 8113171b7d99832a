"""The only database sessions: rows in, rows out, each change with its history."""

from slipway.controller.store.database import Database
from slipway.controller.store.leases import Held, Leases, Seen
from slipway.controller.store.records import Records
from slipway.controller.store.store import Store

__all__ = ["Database", "Held", "Leases", "Records", "Seen", "Store"]
