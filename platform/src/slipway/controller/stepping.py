"""One due operation: moved by one step, and told when it is looked at next."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from slipway.controller.deadlines import advice, allowed, is_overdue
from slipway.controller.findings import Finding, Kind
from slipway.controller.halting import ask_stop
from slipway.controller.hands import Hands
from slipway.controller.intents import creates
from slipway.controller.operations import Ledger, Move
from slipway.controller.orm import Operation
from slipway.controller.pace import Pace
from slipway.controller.schedule import Schedule
from slipway.controller.states.operation import CALLABLE, ENDED, STOPPING, WATCHED
from slipway.controller.store import Store
from slipway.errors import ConflictError, FencedError
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.resources import RESOURCES
from slipway.sagemaker.status import Meaning

#: Failures that say nothing about one operation: SageMaker does not answer us.
_UNANSWERED = frozenset({Fault.RETRYABLE, Fault.AMBIGUOUS, Fault.AUTH})
#: What a job says that was not asked to stop: the request for it was lost.
_AT_WORK = "InProgress"
#: How many of them in a row end a pass.
_PATIENCE = 3
_AGAIN = "What to do: the command that needs it makes another, under another name"


@dataclass
class Stepper:
    """Moves operations, and keeps what came of it."""

    gateway: Gateway
    pace: Pace
    plan: Schedule
    tell: Callable[[str], None]
    moved: int = 0
    #: Model, name and state of each operation that ended.
    ended: list[tuple[str, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    #: Failures in a row in which SageMaker did not answer.
    unanswered: int = 0

    @property
    def is_lost(self) -> bool:
        """Tell whether it is of no use to ask SageMaker more now."""
        return self.unanswered >= _PATIENCE

    def step(self, store: Store, model: str, operation: Operation) -> None:
        """Take one step of an operation, by whoever holds the lease of its key."""
        if operation.state in CALLABLE and not _resumes(operation):
            _leave(store, operation)
            return
        self.moved += 1
        ledger = Ledger(store, self.gateway, self.pace, _unheard)
        try:
            move = ledger.move(operation)
            if operation.state in STOPPING and move.operation.observed == _AT_WORK:
                ask_stop(Hands(store, self.gateway, self.pace), move.operation)
        except FencedError:
            raise
        except SageMakerError as error:
            move = Move(_again(store, operation), error=error)
        except ConflictError as error:
            self._found("conflict", model, operation, str(error))
            move = Move(_again(store, operation))
        self._settle(store, model, operation, move)

    def _settle(self, store: Store, model: str, before: Operation, move: Move) -> None:
        operation, error = move.operation, move.error
        if operation.observed != before.observed:
            self.tell(f"{operation.name}: {operation.observed}")
        if error is None:
            self.unanswered = 0
        elif error.fault in _UNANSWERED:
            self.unanswered += 1
        if operation.state in WATCHED:
            self._plan_next(store, operation, error)
        elif operation.state in ENDED:
            self._end(store, model, operation)
        if error is not None and self.is_lost:
            raise error

    def _plan_next(
        self, store: Store, operation: Operation, error: SageMakerError | None
    ) -> None:
        """Write when it is looked at next: by the plan, or after a back-off."""
        failures = operation.attempts + 1 if error is not None else 0
        wait = self.plan.after()
        if error is not None:
            wait = max(wait, self.pace.after(error.fault, failures))
        due_at = store.now() + dt.timedelta(seconds=wait)
        store.relaxed().amend(operation, attempts=failures, due_at=due_at)

    def _end(self, store: Store, model: str, operation: Operation) -> None:
        """Report an end, and that of one which somebody else brought about as drift."""
        self.ended.append((model, operation.name, operation.state))
        self.tell(f"{operation.name}: {operation.state}")
        came_from = store.records.history("operation", operation.id)[-1].from_state
        if operation.state == "conflict":
            self._found("conflict", model, operation, operation.reason)
        elif operation.state == "stopped" and came_from == "submitted":
            what = f"{operation.name} was stopped by hand, or by its time limit"
            self._found("drift", model, operation, f"{what}. {_AGAIN}")
        elif operation.state == "failed" and _vanished(operation, came_from):
            self._found("drift", model, operation, f"{operation.reason}. {_AGAIN}")

    def _found(
        self, kind: Kind, model: str, operation: Operation, message: str
    ) -> None:
        self.findings.append(
            Finding(kind, model, operation.resource, operation.name, message)
        )


def _resumes(operation: Operation) -> bool:
    """Tell whether anybody may make a call that a dead command intended.

    Only a deployment verifies what a changed endpoint serves, and only `invoke gc`
    knows whether a delete is still wanted: those wait for their own commands.
    """
    return creates(operation) and operation.resource != "endpoint"


def _leave(store: Store, operation: Operation) -> None:
    """Leave a call to its own command, until that is given up for dead."""
    if is_overdue(operation, store.now()):
        store.advance(operation, "give_up", advice(operation), due_at=None)
        return
    limit = allowed(operation)
    if limit is not None:
        store.amend(operation, due_at=operation.changed_at + limit)


def _vanished(operation: Operation, came_from: str) -> bool:
    """Tell whether a failure is that the resource is not there any more."""
    meanings = RESOURCES[operation.resource].meanings or {}
    seen = meanings.get(operation.observed)
    return came_from in WATCHED and seen is not Meaning.FAILED


def _again(store: Store, operation: Operation) -> Operation:
    """Return an operation as it is now."""
    return store.records.latest_operation(operation.key) or operation


def _unheard(_status: str) -> None:
    """Say nothing of a status: it is told with the operation's name."""
