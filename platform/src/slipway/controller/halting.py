"""An operation that is stopped, wherever it stands."""

from collections.abc import Callable
from typing import Protocol

from slipway.controller.hands import Hands, answered_with
from slipway.controller.intents import is_made
from slipway.controller.orm import Operation
from slipway.controller.states.operation import CALLABLE, ENDED, WATCHED
from slipway.controller.store.calls import ACCEPTED, Answered, answer, begin_call
from slipway.digests import digest_of
from slipway.errors import ConflictError, StuckError, UnavailableError
from slipway.sagemaker.errors import SageMakerError
from slipway.sagemaker.resources import RESOURCES

#: Seconds to wait for a stopped job to end: SageMaker gives it 120.
_STOP_PATIENCE = 180


class Step(Protocol):
    """One step of an operation, as `operations.Move` tells it."""

    @property
    def operation(self) -> Operation:
        """The operation after it."""

    @property
    def wait(self) -> float:
        """Seconds to wait before the next step."""


def halt(hands: Hands, operation: Operation, move: Callable[[Operation], Step]) -> None:
    """Stop what `operation` started, and move it until it has ended."""
    operation = hands.reread(operation)
    if operation.state in (*CALLABLE, "stuck"):
        operation = _cancelled(hands, operation)
    if operation.state in ENDED or RESOURCES[operation.resource].stop is None:
        return
    if operation.state == "submitted":
        operation = hands.fire(operation, "ask_stop", "interrupted")
    if operation.state in WATCHED:
        ask_stop(hands, operation)
        _await_end(hands, operation, move)


def ask_stop(hands: Hands, operation: Operation) -> None:
    """Ask SageMaker to stop the operation's resource, if it is ours."""
    resource = RESOURCES[operation.resource]
    seen = hands.look(operation)
    if resource.stop is None or seen is None:
        return
    if not hands.ours(operation, seen):
        message = f"{operation.name} is somebody else's: it was not stopped"
        raise ConflictError(message)
    if seen.status == "Stopping":
        return
    request = digest_of({resource.name_member: operation.name})
    call_id = begin_call(hands.store, operation, resource.stop, request)
    try:
        request_id = hands.gateway.stop(operation.resource, operation.name)
    except SageMakerError as error:
        answer(hands.store, operation, answered_with(error, call_id))
        raise
    answer(hands.store, operation, Answered(call_id, ACCEPTED, request_id))


def _cancelled(hands: Hands, operation: Operation) -> Operation:
    """End an operation that was not made; take it as made if it was."""
    seen = hands.look(operation)
    made = seen is not None and is_made(operation, seen)
    if seen is None or not made or not hands.ours(operation, seen):
        return hands.fire(operation, "cancel", "interrupted")
    if operation.state == "stuck":
        operation = hands.fire(operation, "retry", "interrupted")
    return hands.fire(operation, "adopt", "interrupted", arn=seen.arn)


def _await_end(
    hands: Hands, operation: Operation, move: Callable[[Operation], Step]
) -> None:
    waited = 0.0
    while operation.state in WATCHED:
        moved = move(operation)
        operation = moved.operation
        if moved.wait and waited > _STOP_PATIENCE:
            message = (
                f"{operation.name} was told to stop and is still {operation.observed}"
            )
            raise UnavailableError(message)
        if moved.wait:
            hands.pace.sleep(moved.wait)
        waited += moved.wait
    if operation.state == "stuck":
        raise StuckError(operation.reason)
