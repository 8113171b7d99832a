"""The second table: each fault, what it does to a worker, and what must be so then."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import EndpointConnectionError
from fault_operations import LONG, there
from fault_world import HURRY, Mover

from slipway.controller.exclusive import moving, unless_moving
from slipway.controller.local_lock import LocalLock
from slipway.controller.states.chart import DAY, HOUR
from slipway.errors import SlipwayError, UnavailableError
from slipway.sagemaker.errors import Fault as Cause
from slipway.sagemaker.errors import translate
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.testing.mortal import CrashError

#: Workers at once.
CROWD = 8


def crash():
    raise CrashError


def database_gone():
    message = "the database is gone"
    raise UnavailableError(message)


def at(event, action=crash, *, after=None, times=1):
    def arrange(cell):
        answered = after if cell.operation.kind != "waits" else None
        cell.world.hooks.at(event, action, after=answered, times=times)

    return arrange


def rule(kind, **members):
    def arrange(cell):
        call = cell.operation.call
        cell.world.faults.arm(Rule(kind, operation=call, **members))

    return arrange


def hang(cell):
    cell.world.gateway.hurried = True
    rule("delay_after", seconds=2 * HURRY, times=1)(cell)


def unreachable(cell):
    """Nothing answers for sixty seconds of the simulated clock."""
    world, began = cell.world, cell.world.ahead

    def refuse():
        if world.ahead - began < 60:
            cell.limits["refused"] = cell.limits.get("refused", 0) + 1
            gone = EndpointConnectionError(endpoint_url="http://nowhere")
            raise translate(gone, "call", None)
        cell.limits.setdefault("resumed", world.ahead - began)

    for event in ("call", "look"):
        world.hooks.at(event, refuse, times=10**6)


def foreign(cell):
    if cell.operation.kind == "creates":
        there(cell.world, cell.intent, {"owner": "somebody else"})
    elif cell.operation.kind == "puts":
        cell.objects.write_json(cell.intent.uri, {"model": "somebody else's"})


def made_before(cell):
    """The call was made, by a worker that is forgotten."""
    if cell.operation.kind == "puts":
        cell.objects.write_json(cell.intent.uri, cell.intent.content())
        return
    if cell.operation.kind == "stops":
        cell.world.gateway.stop(cell.operation.resource, cell.intent.name(1))
        return
    there(cell.world, cell.intent, None)


def down(cell):
    at("begin", database_gone, times=1)(cell)


def restored(cell):
    """The database comes back as it was before the operation was prepared."""
    cell.run()
    cell.world.restore(cell.backup)
    if cell.operation.kind == "puts":
        return
    if cell.operation.kind != "deletes" and cell.intent.name(1) not in cell.sweep():
        cell.broken.append("the sweep found no orphan")


def together(cell, workers):
    """Let so many workers at once do the same: each waits for the model's lease."""
    barrier, failures = threading.Barrier(workers), []

    def work():
        world = cell.world
        store = world.new_store()
        place = cell.folder / f"lock-{threading.get_ident()}"
        mover = Mover(store, world.leases(), LocalLock(place))
        barrier.wait()
        try:
            with moving(mover, lambda _seen: None) as held:
                cell.once(world.new_ledger(held.store))
        except SlipwayError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cell.broken += [str(failure) for failure in failures]


def frozen(cell):
    """The worker freezes before its call, and wakes when another one has taken over."""
    world, leases = cell.world, cell.world.leases()
    mine = leases.take("local/churn", leases.seen("local/churn"), holder="frozen")

    def thaw():
        seen = leases.seen("local/churn")
        theirs = leases.take("local/churn", seen, holder="other")
        world.hooks.on = False
        cell.once(world.new_ledger(world.store.fenced(theirs)))
        world.hooks.on = True

    world.hooks.at("look" if cell.operation.kind == "waits" else "call", thaw)
    cell.ledgers.append(world.new_ledger(world.store.fenced(mine)))
    cell.limits["executed"] = 2 if cell.operation.kind in {"changes", "stops"} else 1


def clock_jumps(cell):
    """Both clocks jump an hour while a living worker holds the lease."""
    world = cell.world
    leases = world.leases(0.3)
    held = leases.take("local/churn", leases.seen("local/churn"), holder="living")

    def jump():
        world.ahead += HOUR
        world.skew += HOUR
        alive = threading.Event()

        def beat():
            while not alive.wait(0.02):
                leases.renew(held)

        living = threading.Thread(target=beat)
        living.start()
        place = cell.folder / f"lock-{world.number}"
        other = Mover(world.store, leases, LocalLock(place))
        with contextlib.ExitStack() as stack:
            stack.callback(living.join)
            stack.callback(alive.set)
            taken = stack.enter_context(unless_moving(other))
        if taken is not None:
            cell.broken.append("the lease was stolen from a living holder")

    world.hooks.at("look" if cell.operation.kind == "waits" else "call", jump)


def too_slow(cell):
    """It lasts longer than its deadline allows, by the simulated clock."""
    if cell.operation.kind == "puts":
        hang(cell)
        return
    cell.world.pace = DAY

    def relax():
        if cell.row.state == "timing_out":
            cell.world.pace = 1.0

    cell.world.hooks.at("answered", relax, times=9)
    operation = cell.operation
    if operation.resource == "endpoint" and operation.kind != "deletes":
        rule_ = Rule("slow_start", seconds=60.0)
        cell.world.faults.arm(rule_)
    elif operation.kind in {"deletes", "creates"} and not cell.is_job:
        rule("throttle")(cell)


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    expected: str
    #: Sets the fault up, after the operation was prepared.
    arrange: Callable
    #: How often the call may be carried out.
    executed: int = 1
    #: The state that the first try ends in; empty: whatever lets the next one succeed.
    ends: str = ""
    #: The fault is gone for the next try.
    passes: bool = True
    #: The cause that the first try must raise.
    raises: Cause | None = None
    #: Calls that SageMaker may see.
    calls: int = 9


DENIED = {"code": "ExpiredTokenException", "message": "expired", "status": 400}
WRONG = {"code": "ValidationException", "message": "1 validation error", "status": 400}
FAULTS = {
    "C1": Fault("no call; a clean retry", at("commit"), calls=1),
    "C2": Fault("exactly one call after restart", at("call"), calls=1),
    "C3": Fault("adopted, one object", at("answered")),
    "C4": Fault("adopted, one object", at("commit", after="answered")),
    "C5": Fault("the retry is a no-op", at("committed", after="answered")),
    "N1": Fault("one object", rule("drop_before", times=1), calls=2),
    "N2": Fault("adopted", rule("drop_after", times=1)),
    "N3": Fault("adopted", hang),
    "N4": Fault("adopted", rule("error_after", times=1)),
    "N5": Fault("one object", rule("error_before", times=1), calls=2),
    "N6": Fault("at most 4 calls", rule("throttle", times=3), calls=4),
    "N7": Fault("at most 10 calls, converged 30 s after", unreachable),
    "A1": Fault("CONFLICT and no mutating call", foreign, executed=0),
    "A2": Fault("adopted", made_before, executed=0),
    "A3": Fault("no second create", rule("eventual_consistency", calls=3, times=1)),
    "A4": Fault(
        "terminal in one try, message kept",
        rule("error_before", **WRONG),
        executed=0,
        raises=Cause.BAD_REQUEST,
        calls=1,
    ),
    "A5": Fault("waits for the quota, then done", rule("quota", times=2), calls=3),
    "A6": Fault(
        "blocked, never failed",
        rule("error_before", times=1, **DENIED),
        raises=Cause.AUTH,
    ),
    "D1": Fault(
        "read again, one object", at("commit", database_gone, after="answered")
    ),
    "D2": Fault(
        "no double transition", at("committed", database_gone, after="answered")
    ),
    "D3": Fault("no call without an intent", down),
    "D4": Fault("orphan found in one sweep, no duplicate", restored, executed=0),
    "K1": Fault("one object, one answer", lambda cell: together(cell, 2)),
    "K2": Fault("every stale write fenced", frozen),
    "K3": Fault("one object, no lost update", lambda cell: together(cell, CROWD)),
    "K4": Fault("attaches to the same operation", at("sleep")),
    "T1": Fault("no early steal of a lease", clock_jumps),
    "T2": Fault("TIMED_OUT only after Stopped was seen, or STUCK", too_slow),
}
#: The faults of a wait: what it does is look.
WAITED = (
    *("C4", "C5", "N1", "N3", "N4", "N5", "N6", "N7"),
    *("A6", "D1", "D2", "D3", "K1", "K4", "T2"),
)
IMAGES = {"T2": LONG}
