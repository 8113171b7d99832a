"""What is put into S3 once, a manifest or a tombstone: operations that no ledger knows."""

from botocore.config import Config
from fault_cell import Cell
from fault_manifest import REASON
from fault_world import BUCKET, HURRY

from slipway.controller.estate import Estate
from slipway.controller.garbage.tombstones import bury_version
from slipway.controller.taking import ending, is_passing
from slipway.controller.version_manifest import approve
from slipway.s3.client import aws_client
from slipway.s3.faults import AwsError, Fault
from slipway.s3.objects import Objects
from slipway.testing import invariants
from slipway.testing.waiting import wait_until


class CellObjects(Objects):
    """The real S3, with hooks around what is written once."""

    def __init__(self, settings, hooks, *, hurried):
        super().__init__(settings)
        self._hooks = hooks
        if hurried:
            config = Config(retries={"total_max_attempts": 3}, read_timeout=HURRY)
            self._client = aws_client("s3", settings, config)

    def write_once(self, uri, value):
        self._hooks.happened("call")
        try:
            return super().write_once(uri, value)
        finally:
            self._hooks.happened("answered")


class PutCell(Cell):
    """A version that is registered, its manifest, and a fault."""

    #: Where the version stands once the put is made.
    ends = "approved"

    def once(self, ledger):
        store = ledger._store
        version = store.register(self.intent.row())
        if version.state == "registered":
            approve(store, self.objects, version, self.intent.folder)
        return version

    @property
    def objects(self):
        gateway = self.world.gateway
        return CellObjects(gateway._settings, self.world.hooks, hurried=gateway.hurried)

    @property
    def row(self):
        return self.world.store.records.equal_version(self.intent.row())

    def stored(self):
        return Objects(self.world.gateway._settings).read_json(self.intent.uri)

    def _between(self, _error):
        if self.code == "D3" and self._carried_out():
            self.broken.append("put without a row")

    def _lasting(self):
        return {}

    def _carried_out(self):
        return self.world.faults.calls("PutObject", self.intent.name(1))

    def _check(self):
        if self.code in {"N3", "T2"}:
            wait_until(self._executed, seconds=30)
        self._check_end(self.row)
        wanted = self.fault.executed if self.code != "D4" else 1
        executed, calls = self._executed(), len(self._carried_out())
        if executed != wanted:
            self.broken.append(f"put {executed} times, not {wanted}")
        if calls > self.limits["calls"]:
            self.broken.append(f"called {calls} times")
        database = self.world.store.database
        self.broken += invariants.history_is_the_state(database)
        self.broken += invariants.no_stale_writer(database)

    def _check_end(self, row):
        self._check_step()
        stored = self.stored() if self.code != "A4" else None
        if self.code == "A1":
            conflict = getattr(self.first, "code", "") == "conflict"
            ended = row is None or row.state == self.ends
            if not conflict or self.intent.is_ours(stored) or ended:
                self.broken.append(f"no conflict, but {self.first!r}")
        elif self.code == "A4":
            if "1 validation error" not in str(self.first):
                self.broken.append(f"the message was lost: {self.first}")
        elif row is None or row.state != self.ends or not self.intent.is_ours(stored):
            self.broken.append(f"ended {row.state if row else None}: {stored!r}")

    def _check_step(self):
        """What the first try met ends the step that met it as its class says."""
        if not isinstance(self.first, AwsError):
            if self.fault.raises is not None:
                self.broken.append(f"not classed: {self.first!r}")
            return
        cause, trigger = self.first.fault, ending(self.first)[0]
        if self.fault.raises not in {None, cause}:
            self.broken.append(f"raised {self.first!r}, not {self.fault.raises}")
        if (trigger == "block") != (cause in {Fault.AUTH, Fault.QUOTA}):
            self.broken.append(f"{self.first!r} is {trigger} to its step")
        if is_passing(self.first) != (cause is not Fault.BAD_REQUEST):
            self.broken.append(f"{self.first!r} is passing: {is_passing(self.first)}")


class TombstoneCell(PutCell):
    """A version that is registered, its tombstone, and a fault."""

    ends = "retired"

    def once(self, ledger):
        store, world = ledger._store, self.world
        version = store.register(self.intent.row())
        estate = Estate(
            "local", BUCKET, store, world.gateway, self.objects, None, self.folder
        )
        return bury_version(estate, version.model, version.version, REASON)


#: The cells of each put.
PUTS = {"PutManifest": PutCell, "PutTombstone": TombstoneCell}
