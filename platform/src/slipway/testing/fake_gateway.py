"""SageMaker in a dict, with faults to order: for tests of what the controller does."""

from collections.abc import Callable, Mapping
from typing import Any

from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Accepted, Observation
from slipway.sagemaker.resources import RESOURCES, Resource
from slipway.sagemaker.status import Meaning

#: What happens around one mutating call: given the call itself, to make or not.
Script = Callable[[Callable[[], Accepted]], Accepted]


class FakeGateway:
    """Answers like `sagemaker.gateway.Gateway`, and counts the calls that were made."""

    def __init__(self) -> None:
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}
        #: Each mutating call that was tried, by operation and name.
        self.calls: list[tuple[str, str]] = []
        #: What the next mutating calls meet, first come first served.
        self.scripts: list[Script] = []
        #: The statuses that each description shows, one look after the other.
        self.statuses: list[str] = []

    def check(self, operation: str, payload: Mapping[str, Any]) -> None:
        """Accept every payload."""

    def mutate(
        self, operation: str, payload: Mapping[str, Any], resource: Resource
    ) -> Accepted:
        """Create a resource, or meet the next script."""
        name = payload[resource.name_member]
        self.calls.append((operation, name))

        def make() -> Accepted:
            return self._make(resource, name, payload)

        script = self.scripts.pop(0) if self.scripts else None
        return script(make) if script else make()

    def describe(self, kind: str, name: str) -> Observation | None:
        """Return a created resource in the next of `statuses`, at last completed."""
        found = self.resources.get((RESOURCES[kind].noun, name))
        if found is None:
            return None
        meanings = RESOURCES[kind].meanings or {"": Meaning.SUCCEEDED}
        done = next(s for s, m in meanings.items() if m is Meaning.SUCCEEDED)
        status = self.statuses.pop(0) if self.statuses else done
        return Observation(status, meanings[status], "", f"arn:{name}", found)

    def stop(self, kind: str, name: str) -> str:
        """Make every later look at the resource show `Stopped`."""
        self.calls.append((str(RESOURCES[kind].stop), name))
        self.statuses[:] = ["Stopping", "Stopped"]
        return f"request-{len(self.calls)}"

    def tags(self, arn: str) -> dict[str, str]:
        """Return what the resource was created with."""
        name = arn.removeprefix("arn:")
        found = next(r for (_noun, known), r in self.resources.items() if known == name)
        return {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}

    def _make(
        self, resource: Resource, name: str, payload: Mapping[str, Any]
    ) -> Accepted:
        if (resource.noun, name) in self.resources:
            raise SageMakerError(f"{name} exists", fault=Fault.EXISTS)  # noqa: EM102
        self.resources[resource.noun, name] = dict(payload)
        return Accepted(f"request-{len(self.calls)}", f"arn:{name}")


def lost_answer(make: Callable[[], Accepted]) -> Accepted:
    """Carry the call out, and lose the answer."""
    make()
    message = "the answer was lost"
    raise SageMakerError(message, fault=Fault.AMBIGUOUS)


def lost_request(_make: Callable[[], Accepted]) -> Accepted:
    """Lose the request: nothing is carried out."""
    message = "the request was lost"
    raise SageMakerError(message, fault=Fault.AMBIGUOUS)


def throttled(_make: Callable[[], Accepted]) -> Accepted:
    """Refuse for now."""
    message = "Rate exceeded"
    raise SageMakerError(message, fault=Fault.RETRYABLE)


def over_quota(_make: Callable[[], Accepted]) -> Accepted:
    """Refuse because the account's limit is reached."""
    message = "ResourceLimitExceeded: The account-level service limit is 0 Instances"
    raise SageMakerError(message, fault=Fault.QUOTA)


def refused(_make: Callable[[], Accepted]) -> Accepted:
    """Refuse for good."""
    message = "1 validation error detected"
    raise SageMakerError(message, fault=Fault.BAD_REQUEST)


def denied(_make: Callable[[], Accepted]) -> Accepted:
    """Refuse for want of rights."""
    message = "AccessDenied"
    raise SageMakerError(message, fault=Fault.AUTH)


def killed(_make: Callable[[], Accepted]) -> Accepted:
    """Die before the call."""
    raise SystemExit


def killed_after(make: Callable[[], Accepted]) -> Accepted:
    """Carry the call out, and die before the caller hears."""
    make()
    raise SystemExit
