"""The ledger: each operation written before it is made, and made once."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import stamina

from slipway.controller.orm import Operation
from slipway.controller.store import Store
from slipway.errors import ConflictError, UnavailableError
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Gateway, Observation
from slipway.sagemaker.resources import RESOURCES
from slipway.sagemaker.status import Meaning

#: The tag that says which operation a resource belongs to.
DIGEST_TAG = "slipway:digest"
#: What ends an operation badly: the next attempt needs a resource of another name.
ENDED_BADLY = frozenset({"failed", "stopped", "conflict"})
#: Which trigger a final meaning fires.
_TRIGGERS = {
    Meaning.SUCCEEDED: "succeed",
    Meaning.FAILED: "fail",
    Meaning.STOPPED: "stop",
}
_AGAIN = frozenset({Fault.RETRYABLE, Fault.AMBIGUOUS, Fault.QUOTA})
_ATTEMPTS = 6
#: Calls that have ended when their resource is gone.
_DELETES = "Delete"
#: Seconds to wait for a stopped job to end: SageMaker gives it 120.
_STOP_PATIENCE = 180


@dataclass(frozen=True)
class Intent:
    """A resource that should exist, or change, and how to ask for it."""

    #: What it is for. The same key is the same operation, whoever asks.
    key: str
    run_id: str
    #: The word for the resource in `sagemaker.resources`.
    resource: str
    #: The SageMaker operation.
    call: str
    #: The digest that the resource is tagged with.
    digest: str
    #: Generation → the resource's name.
    name: Callable[[int], str]
    #: Name and generation → the payload.
    payload: Callable[[str, int], Mapping[str, Any]]
    #: Whether a description shows that the call has been made already. None: the
    #: resource's existence and tags tell.
    made: Callable[[Observation], bool] | None = None


class Ledger:
    """Makes intents happen once, whatever crashes."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        poll_seconds: float,
        tell: Callable[[str], None],
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._poll_seconds = poll_seconds
        self._tell = tell

    def perform(self, intent: Intent, *, again: bool = False) -> Operation:
        """Return the operation of `intent` when it has ended; make it if nobody did.

        `again` asks for a new resource though the last one succeeded: what it made is
        gone.
        """
        operation = self._open(intent, again=again)
        try:
            if operation.state == "intended":
                operation = self._submit(operation, intent)
            return self._wait(operation)
        except KeyboardInterrupt:
            self.stop(operation)
            raise

    def stop(self, operation: Operation) -> None:
        """Stop what `operation` started, and wait until it has."""
        operation = self._reread(operation)
        if operation.state == "intended" and self._look(operation) is None:
            self._store.advance(operation, "cancel", "interrupted")
            return
        if RESOURCES[operation.resource].stop is None:
            return
        if operation.state == "intended":
            operation = self._store.advance(operation, "adopt", "interrupted")
        if operation.state == "submitted":
            self._gateway.stop(operation.resource, operation.name)
            self._wait(operation, time.monotonic() + _STOP_PATIENCE)

    def _open(self, intent: Intent, *, again: bool) -> Operation:
        latest = self._store.records.latest_operation(intent.key)
        if latest is not None and latest.state == "succeeded" and not again:
            again = intent.made is None and self._look(latest) is None
        if latest is not None and latest.state not in ENDED_BADLY and not again:
            return latest
        generation = latest.generation + 1 if latest else 1
        name = intent.name(generation)
        payload = dict(intent.payload(name, generation))
        self._gateway.check(intent.call, payload)
        row = Operation(
            key=intent.key,
            generation=generation,
            run_id=intent.run_id,
            resource=intent.resource,
            call=intent.call,
            name=name,
            digest=intent.digest,
            payload=payload,
        )
        try:
            return self._store.add(row)
        except ConflictError:
            found = self._store.records.latest_operation(intent.key)
            if found is None:
                raise
            return found

    def _submit(self, operation: Operation, intent: Intent) -> Operation:
        """Make the call, until it is known whether it was made."""
        backoff = stamina.retry_context(
            on=_worth_another_try, attempts=_ATTEMPTS, timeout=120, wait_max=20
        )
        for attempt in backoff:
            with attempt:
                if attempt.num > 1 or intent.made is not None:
                    found = self._look(operation)
                    if found is not None and self._is_made(found, operation, intent):
                        return self._store.advance(operation, "adopt", arn=found.arn)
                return self._call(operation)
        raise UnavailableError(operation.name)  # the loop returns or raises

    def _call(self, operation: Operation) -> Operation:
        resource = RESOURCES[operation.resource]
        try:
            request_id = self._gateway.mutate(
                operation.call, operation.payload, resource
            )
        except SageMakerError as error:
            if error.fault is Fault.EXISTS:
                return self._adopt(operation)
            if error.fault is Fault.BAD_REQUEST:
                self._store.advance(operation, "refuse", str(error))
            raise
        return self._store.advance(operation, "submit", request_id=request_id)

    def _adopt(self, operation: Operation) -> Operation:
        """Take a resource that is there already, if it is the one we meant."""
        found = self._look(operation)
        if found is not None:
            tag = self._gateway.tags(found.arn).get(DIGEST_TAG)
            if tag == operation.digest:
                return self._store.advance(operation, "adopt", arn=found.arn)
        noun = RESOURCES[operation.resource].noun
        message = (
            f"A {noun} called {operation.name!r} exists and is not this operation's:"
            " nothing was changed. Run again to use another name, or delete it"
        )
        self._store.advance(operation, "clash", message)
        raise ConflictError(message)

    def _is_made(
        self, found: Observation, operation: Operation, intent: Intent
    ) -> bool:
        if intent.made is not None:
            return intent.made(found)
        return self._gateway.tags(found.arn).get(DIGEST_TAG) == operation.digest

    def _wait(self, operation: Operation, deadline: float | None = None) -> Operation:
        """Look at the resource until it has ended; return the operation as it is then."""
        while operation.state == "submitted":
            seen = self._look(operation)
            if seen is None and operation.call.startswith(_DELETES):
                return self._settle(operation, "succeed", "", "")
            if seen is None:
                reason = f"{operation.name} is gone: SageMaker knows it no more"
                return self._settle(operation, "fail", reason, "")
            if seen.status != operation.observed:
                self._tell(seen.status)
                operation = self._note(operation, seen)
            if operation.state != "submitted":
                return operation
            if seen.meaning is not Meaning.IN_PROGRESS:
                trigger = _TRIGGERS[seen.meaning]
                return self._settle(operation, trigger, seen.reason, seen.arn)
            if deadline is not None and time.monotonic() > deadline:
                message = (
                    f"{operation.name} was told to stop and is still {seen.status}"
                )
                raise UnavailableError(message)
            time.sleep(self._poll_seconds)
        return operation

    def _settle(
        self, operation: Operation, trigger: str, reason: str, arn: str
    ) -> Operation:
        """Record how it ended; somebody else who waited may have done so before."""
        try:
            return self._store.advance(
                operation, trigger, reason, arn=arn or operation.arn
            )
        except ConflictError:
            return self._reread(operation)

    def _note(self, operation: Operation, seen: Observation) -> Operation:
        try:
            return self._store.amend(operation, observed=seen.status, arn=seen.arn)
        except ConflictError:
            return self._reread(operation)

    def _reread(self, operation: Operation) -> Operation:
        return self._store.records.latest_operation(operation.key) or operation

    def _look(self, operation: Operation) -> Observation | None:
        return self._gateway.describe(operation.resource, operation.name)


def _worth_another_try(error: Exception) -> bool:
    return isinstance(error, SageMakerError) and error.fault in _AGAIN
