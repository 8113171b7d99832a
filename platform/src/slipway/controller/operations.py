"""The ledger: each operation written before it is made, and made once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from slipway.controller.deadlines import advice, is_overdue
from slipway.controller.halting import ask_stop, halt
from slipway.controller.hands import Hands, answered_with
from slipway.controller.intents import Intent, creates, deletes, is_made
from slipway.controller.orm import Operation
from slipway.controller.pace import Pace
from slipway.controller.states.operation import CALLABLE, ENDED, ENDED_BADLY, WATCHED
from slipway.controller.store import Store
from slipway.controller.store.calls import (
    ACCEPTED,
    Answered,
    answer,
    begin_call,
    intend,
)
from slipway.digests import digest_of
from slipway.errors import ConflictError, StuckError
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.resources import RESOURCES
from slipway.sagemaker.status import Meaning

#: Which trigger a final meaning fires.
TRIGGERS = {
    Meaning.SUCCEEDED: "succeed",
    Meaning.FAILED: "fail",
    Meaning.STOPPED: "stop",
}
#: What an obstacle does to an operation whose call met it; others leave it as it was.
_OBSTACLES = {Fault.QUOTA: "wait_quota", Fault.AUTH: "block"}
#: The state that an obstacle leads to.
_OBSTRUCTED = {Fault.QUOTA: "waiting_quota", Fault.AUTH: "blocked_auth"}
#: Faults that the same request meets again, however often it is made.
_TERMINAL = frozenset({Fault.BAD_REQUEST, Fault.MISSING})
#: Calls that a command makes for one operation before it gives up, for now.
_PATIENCE = 10
#: Seconds within which what was created is described: until then "not found" says nothing.
_VISIBLE = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Move:
    """One step of an operation, and when the next one is due."""

    operation: Operation
    #: Seconds to wait before the next step.
    wait: float = 0.0
    #: What kept the call from being made; None: nothing did.
    error: SageMakerError | None = None


class Ledger:
    """Makes intents happen once, whatever crashes."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        pace: Pace,
        tell: Callable[[str], None],
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._pace = pace
        self._tell = tell
        self._hands = Hands(store, gateway, pace)

    def perform(
        self,
        intent: Intent,
        *,
        again: bool = False,
        between: Callable[[], None] | None = None,
    ) -> Operation:
        """Return the operation of `intent` when it has ended; make it if nobody did.

        `again` asks for a new resource though the last one succeeded: what it made is
        gone. `between` is called between two looks at the resource.
        """
        operation, call_id = self._opened(intent, again=again)
        try:
            return self._drive(self._begun(operation, call_id), between)
        except KeyboardInterrupt:
            self.stop(operation)
            raise

    def move(self, operation: Operation) -> Move:
        """Take one step: a look, or a call after a look; wait for nothing.

        What is seen decides, not what was expected: any worker may take any step.
        """
        try:
            if operation.state in CALLABLE:
                return self._attempt(operation)
            if operation.state in WATCHED:
                return self._watch(operation)
        except ConflictError:
            current = self._hands.reread(operation)
            if current.revision == operation.revision:
                raise
            return Move(current)
        return Move(operation)

    def stop(self, operation: Operation) -> None:
        """Stop what `operation` started, and wait until it has."""
        halt(self._hands, operation, self.move)

    def _opened(self, intent: Intent, *, again: bool) -> tuple[Operation, int | None]:
        """Return the operation where it stands, or a new one with its call to make.

        Most operations are new: what is there is read only where the intent meets it.
        """
        made = None if again else self._intended(intent, None)
        if made is not None:
            return made
        latest = self._store.records.latest_operation(intent.key)
        if latest is not None and not self._needs_another(latest, again=again):
            return self._reopened(latest), None
        made = self._intended(intent, latest)
        if made is not None:
            return made
        latest = self._store.records.latest_operation(intent.key)
        if latest is None or latest.state in ENDED_BADLY:
            message = f"Somebody else intends {intent.key!r} at the same time"
            raise ConflictError(message)
        return latest, None

    def _intended(
        self, intent: Intent, latest: Operation | None
    ) -> tuple[Operation, int] | None:
        """Write the next generation with its call; None: somebody wrote it before."""
        row = intent.row(latest.generation + 1 if latest else 1)
        self._gateway.check(intent.call, row.payload)
        try:
            return intend(self._store, row, latest, digest_of(row.payload))
        except ConflictError:
            return None

    def _begun(self, operation: Operation, call_id: int | None) -> Move:
        """Make a new operation's first call; what changes others' work looks first."""
        if call_id is None:
            return Move(operation)
        if creates(operation):
            return self._call(operation, call_id)
        return self._attempt(operation, call_id)

    def _needs_another(self, latest: Operation, *, again: bool) -> bool:
        """Tell whether the last generation is of no use any more."""
        if latest.state != "succeeded":
            return latest.state in ENDED_BADLY
        return again or (creates(latest) and self._hands.look(latest) is None)

    def _reopened(self, operation: Operation) -> Operation:
        """Return an operation that was left, with its failures forgotten."""
        if operation.state == "stuck":
            return self._hands.fire(operation, "retry", "the same was asked for again")
        if operation.state in CALLABLE and operation.attempts:
            return self._store.amend(operation, attempts=0, due_at=None)
        return operation

    def _drive(
        self, move: Move, between: Callable[[], None] | None = None
    ) -> Operation:
        """Move until the operation has ended; raise what keeps it from that."""
        failures = 0
        while move.operation.state not in ENDED:
            operation = move.operation
            if operation.state == "stuck":
                raise StuckError(operation.reason)
            if move.error is not None:
                failures += 1
                if _is_final(move.error) or failures >= _PATIENCE:
                    raise move.error
            else:
                failures = 0
            wait = move.wait
            if move.error is not None and operation.state in WATCHED:
                wait = self._pace.after(move.error.fault, failures)
            if between is not None and operation.state in WATCHED:
                between()
            if wait > 0:
                self._pace.sleep(wait)
            move = self.move(operation)
        if move.error is not None:
            raise move.error
        if move.operation.state == "conflict":
            raise ConflictError(move.operation.reason)
        return move.operation

    def _attempt(self, operation: Operation, call_id: int | None = None) -> Move:
        """Look, then adopt what is there, or call."""
        try:
            seen = self._hands.look(operation)
            if seen is not None:
                if not self._hands.ours(operation, seen):
                    return self._clash(operation)
                if is_made(operation, seen):
                    return Move(self._hands.fire(operation, "adopt", arn=seen.arn))
            elif deletes(operation):
                return Move(self._hands.fire(operation, "adopt"))
        except SageMakerError as error:
            return self._failed(operation, error, call_id)
        if call_id is None:
            digest = digest_of(operation.payload)
            call_id = begin_call(self._store, operation, operation.call, digest)
        if not creates(operation):  # a name cannot keep it from being made twice
            self._store.confirm()
        return self._call(operation, call_id)

    def _call(self, operation: Operation, call_id: int) -> Move:
        """Make the call that was written, and write what came of it."""
        resource = RESOURCES[operation.resource]
        try:
            accepted = self._gateway.mutate(operation.call, operation.payload, resource)
        except SageMakerError as error:
            return self._failed(operation, error, call_id)
        exists = resource.status_member is None and creates(operation)
        answered = Answered(call_id, ACCEPTED, accepted.request_id)
        try:
            return Move(
                answer(
                    self._store,
                    operation,
                    answered,
                    ("submit", "succeed") if exists else ("submit",),
                    request_id=accepted.request_id,
                    arn=accepted.arn,
                    attempts=0,
                    due_at=None,
                )
            )
        except ConflictError:
            return self._overtaken(operation, answered)

    def _failed(
        self, operation: Operation, error: SageMakerError, call_id: int | None
    ) -> Move:
        """Write what kept a call from being made, and when to try again."""
        fault = error.fault
        answered = answered_with(error, call_id)
        triggers = self._triggers(operation, fault, looked=call_id is None)
        failures = operation.attempts + 1
        wait = self._pace.after(fault, failures)
        due_at = self._store.now() + dt.timedelta(seconds=wait)
        try:
            changed = answer(
                self._store,
                operation,
                answered,
                triggers,
                attempts=failures,
                due_at=due_at,
            )
        except ConflictError:
            return self._overtaken(operation, answered)
        if fault is Fault.EXISTS:
            return Move(changed, self._pace.poll_seconds, error)
        if changed.state == "succeeded":
            return Move(changed)
        if changed.state in CALLABLE and is_overdue(changed, self._store.now()):
            changed = self._hands.fire(
                changed, "give_up", f"{advice(changed)}. {error}"
            )
        return Move(changed, wait, error)

    def _triggers(
        self, operation: Operation, fault: Fault, *, looked: bool
    ) -> tuple[str, ...]:
        """Return what a fault does to an operation: its class is looked up once."""
        if fault is Fault.MISSING and deletes(operation):
            return ("submit", "succeed")
        if fault in _TERMINAL and not looked:
            return ("refuse",)
        if operation.state == _OBSTRUCTED.get(fault):
            return ()
        if fault in _OBSTACLES:
            return (_OBSTACLES[fault],)
        return () if operation.state == "intended" else ("retry",)

    def _overtaken(self, operation: Operation, answered: Answered | None) -> Move:
        """Write the answer alone: somebody else moved the operation meanwhile."""
        return Move(answer(self._store, self._hands.reread(operation), answered))

    def _clash(self, operation: Operation) -> Move:
        """Leave a resource alone that is not ours."""
        noun = RESOURCES[operation.resource].noun
        message = (
            f"A {noun} called {operation.name!r} exists and is not this operation's:"
            " nothing was changed. Run again to use another name, or delete it"
        )
        return Move(self._hands.fire(operation, "clash", message))

    def _watch(self, operation: Operation) -> Move:
        """Look at the resource once, and write what was seen."""
        try:
            seen = self._hands.look(operation)
        except SageMakerError as error:
            return Move(operation, self._pace.after(error.fault, 1), error)
        if seen is None:
            return self._missing(operation)
        if seen.status != operation.observed:
            self._tell(seen.status)
            operation = self._store.relaxed().amend(
                operation, observed=seen.status, arn=seen.arn
            )
        if seen.meaning is not Meaning.IN_PROGRESS:
            arn = seen.arn or operation.arn
            trigger = TRIGGERS[seen.meaning]
            return Move(self._hands.fire(operation, trigger, seen.reason, arn=arn))
        if is_overdue(operation, self._store.now()):
            return self._expired(operation)
        return Move(operation, self._pace.poll_seconds)

    def _missing(self, operation: Operation) -> Move:
        """Judge a resource that is not there: deleted, or not shown yet."""
        if deletes(operation):
            return Move(self._hands.fire(operation, "succeed"))
        age = self._store.now() - operation.changed_at
        if not operation.observed and age < _VISIBLE:
            return Move(operation, self._pace.poll_seconds)
        reason = f"{operation.name} is gone: SageMaker knows it no more"
        return Move(self._hands.fire(operation, "fail", reason))

    def _expired(self, operation: Operation) -> Move:
        """Stop what passed its deadline; what cannot stop waits for a person."""
        stoppable = RESOURCES[operation.resource].stop is not None
        if operation.state != "submitted" or not stoppable:
            return Move(self._hands.fire(operation, "give_up", advice(operation)))
        operation = self._hands.fire(operation, "expire", advice(operation))
        ask_stop(self._hands, operation)
        return Move(operation, self._pace.poll_seconds)


def _is_final(error: SageMakerError) -> bool:
    """Tell whether waiting does not help: a person must, or nobody can."""
    return error.fault is Fault.AUTH or error.fault in _TERMINAL
