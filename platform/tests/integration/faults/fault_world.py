"""One cell's world: a database, a clock, and a real server with its fault switches."""

import contextlib
import datetime as dt
import itertools
import threading
from dataclasses import dataclass, field

from botocore.config import Config
from sqlalchemy import delete, insert, literal, select

from slipway.controller.operations import Ledger
from slipway.controller.orm.rows import Row
from slipway.controller.pace import Pace
from slipway.controller.store import Database, Leases, Store
from slipway.controller.store.moment import database_now
from slipway.s3.client import aws_client
from slipway.sagemaker.gateway import Gateway
from slipway.testing.rows import run_row

BUCKET = "faults"
OWNER = {"slipway:environment": "local", "slipway:model": "churn"}
#: Seconds after which a hurried client gives up an answer, and the jobs' real time
#: between two looks.
HURRY, TICK = 0.25, 0.004
#: What happens around each transaction and each mutating call, in this order.
EVENTS = ("begin", "commit", "committed", "call", "answered", "look", "sleep")
numbers = itertools.count(1)


@dataclass
class Hooks:
    """What a fault does at events: each action is asked until it says it is done."""

    armed: list = field(default_factory=list)
    #: Events that happened, by name.
    seen: list = field(default_factory=list)
    on: bool = False

    def at(self, event, action, *, after=None, times=1):
        self.armed.append([event, action, after, times])

    def happened(self, event):
        if not self.on:
            return
        self.seen.append(event)
        for armed in self.armed:
            name, action, after, times = armed
            due = name == event and times > 0 and (after is None or after in self.seen)
            if due:
                armed[3] -= 1
                action()


class CellDatabase(Database):
    """A real database whose transactions can meet a fault."""

    hooks = Hooks()

    @contextlib.contextmanager
    def transaction(self, *, durable=True):
        self.hooks.happened("begin")
        with super().transaction(durable=durable) as connection:
            yield connection
            self.hooks.happened("commit")
        self.hooks.happened("committed")

    @contextlib.contextmanager
    def sqlite_transaction(self, *, durable=True):
        self.hooks.happened("begin")
        with super().sqlite_transaction(durable=durable) as driver:
            yield driver
            self.hooks.happened("commit")
        self.hooks.happened("committed")

    @contextlib.contextmanager
    def statement(self):
        """A statement that is a transaction fails before it, or its answer is lost."""
        self.hooks.happened("begin")
        self.hooks.happened("commit")
        with super().statement() as connection:
            yield connection
        self.hooks.happened("committed")

    @contextlib.contextmanager
    def reading(self):
        self.hooks.happened("begin")
        with super().reading() as session:
            yield session


class CellGateway(Gateway):
    """The real gateway, with hooks around its calls."""

    def __init__(self, settings):
        super().__init__(settings)
        self.hooks, self.hurried = Hooks(), False
        #: Members that every description shows otherwise than the server.
        self.shown = {}
        self._quick = {}

    def _call(self, operation, payload, resource, *, once=False):
        self.hooks.happened("call" if once else "look")
        try:
            answer = super()._call(operation, payload, resource, once=once)
            return answer | {k: v for k, v in self.shown.items() if k in answer}
        finally:
            if once:
                self.hooks.happened("answered")

    def _client(self, service, *, once):
        if not self.hurried:
            return super()._client(service, once=once)
        if service not in self._quick:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=HURRY)
            self._quick[service] = aws_client(service, self._settings, config)
        return self._quick[service]


@dataclass(frozen=True)
class Mover:
    """What `moving` needs of a context."""

    store: Store
    leases: Leases
    lock: object
    lease: str = "local/churn"


class World:
    """All that a cell works with."""

    def __init__(self, rig, url):
        self.rig, self.url = rig, url
        self.hooks = rig.gateway.hooks = Hooks()
        rig.gateway.hurried, rig.gateway.shown = False, {}
        self.number = next(numbers)
        #: Seconds that the simulated clock is ahead, and that each look takes.
        self.ahead, self.skew, self.pace = 0.0, 0.0, 1.0
        self.faults, self.gateway = rig.server.faults, rig.gateway
        self.sagemaker, self.prefix = rig.sagemaker, f"churn-{rig.worker}-{self.number}"
        self.endpoints, self._databases = [], []
        self.store = self.new_store()
        self.store.add(run_row("r1"))
        self.ledger = self.new_ledger(self.store)

    def new_store(self):
        database = CellDatabase(self.url)
        database.hooks = self.hooks
        self._databases.append(database)
        return Store(database, now=self.now)

    def new_ledger(self, store):
        pace = Pace(1.0, sleep=self.sleep, draw=lambda: 0.5)
        return Ledger(store, self.gateway, pace, lambda _status: None)

    def backup(self):
        """Return every row of every table, those that others refer to first."""
        tables = Row.metadata.sorted_tables
        with self.store.database.engine.connect() as connection:
            return {t: connection.execute(select(t)).mappings().all() for t in tables}

    def restore(self, backup):
        with self.store.database.engine.begin() as connection:
            for table in reversed(backup):
                connection.execute(delete(table))
            for table, rows in backup.items():
                if rows:
                    connection.execute(insert(table), [dict(row) for row in rows])

    def now(self):
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.ahead)

    def sleep(self, seconds):
        self.hooks.happened("sleep")
        self.ahead += seconds * self.pace
        threading.Event().wait(TICK)

    def leases(self, seconds=30.0):
        return Leases(
            self.store.database,
            seconds=seconds,
            now=lambda: database_now() + literal(self.skew),
        )

    def calls(self, operation="*", name="*"):
        return [
            call
            for call in self.faults.calls(operation, name)
            if call.service == "sagemaker"
        ]

    def close(self):
        self.hooks.on = False
        self.faults.clear()
        for name in self.endpoints:
            with contextlib.suppress(self.sagemaker.exceptions.ClientError):
                self.sagemaker.delete_endpoint(EndpointName=name)
        for database in self._databases:
            database.engine.dispose()
