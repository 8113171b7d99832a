"""What should be made in SageMaker, and how to tell that it has been."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.controller.orm import Operation
from slipway.sagemaker.gateway import Observation

#: The tag that says which operation a resource belongs to.
DIGEST_TAG = "slipway:digest"


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
    #: The tags that say whose the resource is.
    owner: Mapping[str, str] = field(default_factory=dict)

    def row(self, generation: int) -> Operation:
        """Return the operation to be written before anything is called."""
        name = self.name(generation)
        return Operation(
            key=self.key,
            generation=generation,
            run_id=self.run_id,
            resource=self.resource,
            call=self.call,
            name=name,
            digest=self.digest,
            payload=dict(self.payload(name, generation)),
            owner={k: v for k, v in self.owner.items() if k != DIGEST_TAG},
        )


def delete_key(key: str, generation: int) -> str:
    """Return what names the delete of what was made: one for each time it was."""
    return f"{key}/delete/{generation}"


def configs_of(seen: Observation) -> set[str]:
    """Return the config that an endpoint serves, and the one that is rolled out to it."""
    pending = seen.description.get("PendingDeploymentSummary") or {}
    return {
        str(found.get("EndpointConfigName", ""))
        for found in (seen.description, pending)
    }


def _has_capacities(payload: Mapping[str, Any], seen: Observation) -> bool:
    """Tell whether every variant has the weight and the count that a payload asks for."""
    variants = {
        variant["VariantName"]: variant
        for variant in seen.description.get("ProductionVariants", [])
    }
    return all(
        variants.get(asked["VariantName"], {}).get(member) == value
        for asked in payload["DesiredWeightsAndCapacities"]
        for member, value in asked.items()
    )


#: Of each call that changes what is there: whether a description shows that it was made.
_MADE: dict[str, Callable[[Mapping[str, Any], Observation], bool]] = {
    # After a rollback that failed, an endpoint has a mix of both: it is asked for again.
    "UpdateEndpoint": lambda payload, seen: (
        seen.status != "UpdateRollbackFailed"
        and payload["EndpointConfigName"] in configs_of(seen)
    ),
    "UpdateEndpointWeightsAndCapacities": _has_capacities,
}


def creates(operation: Operation) -> bool:
    """Tell whether the operation's call makes a new resource."""
    return operation.call.startswith("Create")


def deletes(operation: Operation) -> bool:
    """Tell whether the operation has ended when its resource is gone."""
    return operation.call.startswith("Delete")


def is_made(operation: Operation, seen: Observation) -> bool:
    """Tell whether `seen` shows that the operation's call was carried out."""
    if deletes(operation):
        return seen.status == "Deleting"
    return creates(operation) or _MADE[operation.call](operation.payload, seen)


def is_ours(operation: Operation, tags: Mapping[str, str]) -> bool:
    """Tell whether a resource with `tags` is the operation's to adopt or to change.

    What is created must carry owner and digest; what is changed has the digest of the
    operation that created it.
    """
    if any(tags.get(key) != value for key, value in operation.owner.items()):
        return False
    return not creates(operation) or tags.get(DIGEST_TAG) == operation.digest
