"""What a ledger works with: its rows, SageMaker, and the pace to ask it at."""

from dataclasses import dataclass

from slipway.controller.intents import creates, is_ours
from slipway.controller.orm import Operation
from slipway.controller.pace import Pace
from slipway.controller.store import Store
from slipway.controller.store.calls import Answered
from slipway.errors import ConflictError
from slipway.sagemaker.errors import SageMakerError
from slipway.sagemaker.gateway import Gateway, Observation

#: What only a look tells: it is told again if a power cut takes its record back.
_SEEN = frozenset({"adopt", "clash", "succeed", "fail", "stop"})


@dataclass(frozen=True)
class Hands:
    """One look, one record at a time."""

    store: Store
    gateway: Gateway
    pace: Pace

    def look(self, operation: Operation) -> Observation | None:
        """Return what SageMaker says of the operation's resource; None: there is none."""
        return self.gateway.describe(operation.resource, operation.name)

    def ours(self, operation: Operation, seen: Observation) -> bool:
        """Tell whether what was seen is the operation's to adopt or to change."""
        if not operation.owner and not creates(operation):
            return True
        return is_ours(operation, self.gateway.tags(seen.arn))

    def reread(self, operation: Operation) -> Operation:
        """Return the operation of the same key as it is now."""
        return self.store.records.latest_operation(operation.key) or operation

    def fire(
        self, operation: Operation, trigger: str, reason: str = "", **columns: object
    ) -> Operation:
        """Fire a trigger; somebody else may have moved the operation before.

        What was decided waits for the disk; what was seen does not.
        """
        columns = {"attempts": 0, "due_at": None, **columns}
        store = self.store.relaxed() if trigger in _SEEN else self.store
        try:
            return store.advance(operation, trigger, reason, **columns)
        except ConflictError:
            current = self.reread(operation)
            if current.revision == operation.revision:
                raise
            return current


def answered_with(error: SageMakerError, call_id: int | None) -> Answered | None:
    """Return an error as the answer to a call; None: it was only a look."""
    if call_id is None:
        return None
    return Answered(call_id, error.fault, error.request_id, str(error))
