"""One cell: an operation meets a fault, goes on, and everything must hold."""

from fault_kinds import IMAGES
from fault_operations import OPERATIONS, QUICK, settled
from fault_world import OWNER

from slipway.controller.sweep import orphans
from slipway.errors import SlipwayError
from slipway.sagemaker.errors import Fault as Cause
from slipway.sagemaker.errors import SageMakerError
from slipway.testing import invariants
from slipway.testing.mortal import CrashError
from slipway.testing.waiting import wait_until

#: I5: an operation has ended within so many tries after its fault.
TRIES = 5
#: Seconds of the simulated clock between two tries.
PAUSE = 15
ENDED = {"stops": "stopped"}


class Cell:
    """An operation, a fault, and what came of them."""

    def __init__(self, world, name, code, fault, folder):
        self.world, self.code, self.fault, self.folder = world, code, fault, folder
        self.operation = OPERATIONS[name]
        self.is_job = self.operation.resource.endswith("_job")
        self.limits = {"executed": fault.executed, "calls": fault.calls}
        self.notes, self.broken, self.ledgers = [], [], []
        self.first = self.backup = None
        #: What is somebody else's, as it was before the operation.
        self.foreign = {}

    def judge(self):
        """Let it happen; return what does not hold, a sentence for each."""
        world = self.world
        if self.code == "D4":
            self.backup = world.backup()
        stranger = {"owner": "somebody else"} if self.code == "A1" else None
        image = IMAGES.get(self.code, QUICK)
        self.intent = self.operation.prepare(world, owner=stranger, image=image)
        world.faults.clear()
        if self.code in {"A1", "A2"}:
            self.fault.arrange(self)
            world.faults.clear()
        if self.code == "A1":
            self.foreign = self._lasting()
        world.hooks.on = True
        if self.code not in {"A1", "A2"}:
            self.fault.arrange(self)
        self._go_on()
        world.hooks.on = False
        self._check()
        return self.broken

    def run(self):
        """Perform the operation, or stop what it made, by the cell's own worker."""
        return self.once(self.ledgers.pop() if self.ledgers else self.world.ledger)

    def once(self, ledger):
        """The same, by a given worker."""
        if self.operation.kind == "stops":
            ledger.stop(self.row)
            return self.row
        return ledger.perform(self.intent)

    @property
    def row(self):
        return self.world.store.records.latest_operation(self.intent.key)

    def _go_on(self):
        """Try until it has ended; what the first try raised is kept."""
        if self.code == "D4" and self.operation.kind == "stops":
            return  # what was made is an orphan: nobody knows what to stop
        for _ in range(TRIES):
            try:
                self.run()
            except (SlipwayError, CrashError) as error:
                self.notes.append(str(error) or type(error).__name__)
                self.first = self.first or error
                self.world.ahead += PAUSE
                self._between(error)
                if self.code in {"A1", "A4"}:
                    return
            else:
                return
        self.broken.append(f"not done after {TRIES} tries: {self.notes}")

    def _between(self, error):
        """The obstacle goes away, where a person has to take it away."""
        if self.code == "D3" and self.world.calls(self.operation.call):
            self.broken.append("called without an intent")
        if self.code != "T2":
            return
        if self.operation.kind != "stops" and self.row.state != "stuck":
            self.broken.append(f"slow, and {self.row.state}: {error}")
        self.world.pace = 1.0
        self.world.faults.clear()
        if self.operation.resource == "endpoint" and self.operation.kind != "deletes":
            settled(self.world, self.intent.name(1))

    def _carried_out(self):
        """Return the calls that the server saw since the fault was set up."""
        return self.world.calls(self.operation.call, self.intent.name(1))

    def _executed(self):
        """Count them that took effect; one is logged when its answer leaves."""
        return sum(call.executed for call in self._carried_out())

    def _check(self):
        row, store = self.row, self.world.store
        if row is None:
            self._check_orphan()
            return
        if self.code == "N3" and self.operation.kind != "waits":
            wait_until(self._executed, seconds=30)
        self._check_end(row)
        calls = self._carried_out()
        executed = self._executed()
        if self.operation.kind != "waits" and self.code not in {"T2", "D4"}:
            if executed > self.limits["executed"]:
                self.broken.append(f"carried out {executed} times")
            if executed < min(1, self.fault.executed):
                self.broken.append("never carried out")
        if len(calls) > self.limits["calls"]:
            self.broken.append(f"called {len(calls)} times")
        if self.limits.get("refused", 0) > 10:
            self.broken.append(f"called {self.limits['refused']} times in vain")
        if self.limits.get("resumed", 0) > 90:
            self.broken.append(f"converged after {self.limits['resumed']} s")
        database, seen = store.database, [(c.operation, c.name) for c in calls]
        if self.code == "D4" and self.sweep():
            self.broken.append(f"still without a row: {self.sweep()}")
        self.broken += invariants.history_is_the_state(database)
        self.broken += invariants.no_stale_writer(database)
        if self.code not in {"D4", "A2"}:
            self.broken += invariants.every_call_is_logged(database, seen)
        if self.operation.kind in {"creates", "deletes"}:
            self.broken += invariants.no_needless_call(database)
        if self.operation.kind == "creates" and self.code not in {"A1", "A2", "T2"}:
            made = [(call.operation, call.name) for call in calls if call.executed]
            self.broken += invariants.one_object_per_generation(database, made)
        if self.code == "A1":
            after = self._lasting()
            self.broken += invariants.others_untouched(self.foreign, after, OWNER)

    def _check_orphan(self):
        """Without a row there is an orphan, which the database forgot, or a defect."""
        name = self.intent.name(1)
        if self.code != "D4" or self.operation.kind != "stops":
            self.broken.append("no row is left of it")
        elif self.sweep() != [name]:
            self.broken.append(f"the sweep found {self.sweep()}, not {name}")

    def _lasting(self):
        """Return what no time changes of the operation's object, by its name."""
        name, gateway = self.intent.name(1), self.world.gateway
        seen = gateway.describe(self.operation.resource, name)
        if seen is None:
            return {}
        tags = [{"Key": k, "Value": v} for k, v in gateway.tags(seen.arn).items()]
        members = ("CreationTime", "EndpointConfigName", "RoleArn")
        told = {member: seen.description.get(member) for member in members}
        return {name: {**told, "arn": seen.arn, "Tags": tags}}

    def _check_end(self, row):
        cause = getattr(self.first, "fault", None)
        if self.fault.raises is not None and cause is not self.fault.raises:
            self.broken.append(f"raised {self.first!r}, not {self.fault.raises}")
        if self.fault.raises is Cause.BAD_REQUEST:
            if isinstance(self.first, SageMakerError) and "1 valid" in str(self.first):
                return
            self.broken.append(f"the message was lost: {self.first}")
        elif self.code == "A1":
            if getattr(self.first, "code", "") != "conflict":
                self.broken.append(f"no conflict, but {self.first!r}; {row.state}")
        elif self.code == "T2" and self.is_job and self.operation.kind != "stops":
            if (row.state, row.observed) != ("timed_out", "Stopped"):
                self.broken.append(f"slow: {row.state}, seen {row.observed}")
        elif row.state != ENDED.get(self.operation.kind, "succeeded"):
            self.broken.append(f"ended {row.state}: {row.reason}")

    def sweep(self):
        """Return the names of ours that no row knows."""
        found = orphans(self.world.store, self.world.gateway, OWNER, self.world.prefix)
        return [orphan.name for orphan in found]
