"""A model's endpoint: changed once, looked at, and compared with what it should be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.controller.context import Context
from slipway.controller.failures import last_lines
from slipway.controller.hosting import STEP
from slipway.controller.identity import is_known, is_ours, kept_of
from slipway.controller.intents import Intent
from slipway.controller.orm import Deployment, Operation
from slipway.controller.states import CHARTS
from slipway.controller.states.chart import HOUR
from slipway.controller.store.endpoints import Look, see_endpoint
from slipway.digests import digest_of
from slipway.errors import StepFailedError, StuckError
from slipway.payloads.hosting import declared_properties, endpoint, endpoint_update
from slipway.sagemaker.gateway import Observation
from slipway.sagemaker.resources import ENDPOINT
from slipway.sagemaker.status import Meaning

#: The statuses that SageMaker lets nothing follow but that it is gone.
_ENDING = frozenset({"Failed", "Deleting"})
_UNFINISHED = CHARTS["operation"].unfinished
#: Seconds that somebody else's change of an endpoint is waited for.
_PATIENCE = 2 * HOUR


@dataclass(frozen=True)
class Change:
    """What is asked of an endpoint."""

    endpoint_config_name: str
    #: What it is for: each purpose of a deployment is one operation.
    purpose: str
    #: SageMaker's DeploymentConfig.
    deployment: Mapping[str, Any]


def change_endpoint(
    context: Context,
    deployment: Deployment,
    change: Change,
    between: Callable[[], None] | None = None,
) -> Operation:
    """Create the endpoint, or update it as `change` says; wait until that has ended.

    `between` is called between two looks.
    """
    name, config_name = deployment.endpoint_name, change.endpoint_config_name
    seen = _present(context, deployment, change)
    exists = seen is not None
    declared = _declared(context, seen, config_name) if seen else []
    digest = digest_of([name, config_name])
    owner = context.owner(digest)

    def payload(_name: str, _generation: int) -> Mapping[str, Any]:
        if exists:
            return endpoint_update(
                name,
                endpoint_config_name=config_name,
                deployment=change.deployment,
                declared=declared,
            )
        return endpoint(name, endpoint_config_name=config_name, tags=owner.tags)

    intent = Intent(
        key=purpose_key(context, deployment, change.purpose),
        run_id=deployment.run_id,
        resource="endpoint",
        call="UpdateEndpoint" if exists else "CreateEndpoint",
        digest=digest,
        name=lambda _generation: name,
        payload=payload,
        owner=owner.values,
    )
    return context.ledger(STEP).perform(intent, between=between)


def purpose_key(context: Context, deployment: Deployment, purpose: str) -> str:
    """Return the key of the operation that a deployment does for a purpose."""
    return f"{context.layout.root.key}deployment/{deployment.id}/{purpose}"


def settled(context: Context, name: str) -> Observation | None:
    """Return what an endpoint ends up as, once nobody changes it; None: it is not there."""
    pace, waited = context.pace, 0.0
    while True:
        seen = context.gateway.describe("endpoint", name)
        if seen is None or seen.meaning is not Meaning.IN_PROGRESS:
            return seen
        if waited >= _PATIENCE:
            message = (
                f"The endpoint {name!r} is {seen.status} for {waited:.0f} s: nothing was"
                " asked of it. See its log with invoke logs; give the command again"
            )
            raise StuckError(message)
        context.observer.step_status(STEP, f"waiting: {name} is {seen.status}")
        pace.sleep(pace.poll_seconds)
        waited += max(pace.poll_seconds, 1e-3)


def _declared(context: Context, seen: Observation, config_name: str) -> list[str]:
    """Return what the new config may set of the endpoint, of what is kept else."""
    live = config_of(seen)
    new = context.gateway.describe("endpoint_config", config_name)
    old = context.gateway.describe("endpoint_config", live)
    ours = context.store.records.last_word_on(
        str(seen.description["EndpointName"]), live
    )
    if new is None:
        return []
    # A config that somebody made by hand declares nothing: its capacity is kept.
    before = old.description if old and ours else new.description
    return declared_properties(seen.description, before, new.description)


def _present(
    context: Context, deployment: Deployment, change: Change
) -> Observation | None:
    """Return the endpoint where it can be changed; None: it is to be made."""
    key = purpose_key(context, deployment, f"clear-away-for-{change.purpose}")
    begun = context.store.records.latest_operation(key)
    seen = context.gateway.describe("endpoint", deployment.endpoint_name)
    is_ending = seen is not None and seen.status in _ENDING
    if is_ending or (begun is not None and begun.state in _UNFINISHED):
        _clear_away(context, deployment, key)
        return None
    return seen


def _clear_away(context: Context, deployment: Deployment, key: str) -> None:
    """Delete an endpoint that failed: it serves nothing, and allows nothing else.

    The one delete outside of a collection. What the endpoint served from is kept; an
    endpoint that is not ours is left alone, and is a conflict.
    """
    name = deployment.endpoint_name
    operation = context.ledger(STEP).perform(
        Intent(
            key=key,
            run_id=deployment.run_id,
            resource="endpoint",
            call="DeleteEndpoint",
            digest=digest_of([name, "delete"]),
            name=lambda _generation: name,
            payload=lambda name, _generation: {"EndpointName": name},
            owner=context.owner("").values,
        )
    )
    if operation.state != "succeeded":
        message = f"The endpoint {name!r} failed before, and cannot be deleted"
        raise StepFailedError(message)


def observe(context: Context, name: str) -> Observation:
    """Return what SageMaker says of the endpoint, after it is recorded."""
    seen = context.gateway.describe("endpoint", name)
    if seen is None:
        see_endpoint(context.store, name, Look("", ""))
        message = f"The endpoint {name!r} is gone: somebody deleted it meanwhile"
        raise StepFailedError(message)
    look = Look(seen.status, config_of(seen), _kept(context, name, seen))
    see_endpoint(context.store, name, look, seen.reason)
    return seen


def _kept(context: Context, name: str, seen: Observation) -> Mapping[str, Any]:
    """Return what an endpoint of ours that was made anew is known by; empty: it was not."""
    known = context.store.records.endpoint(name)
    if known is None or seen.status != "InService" or is_known(known, seen):
        return {}
    return kept_of(seen) if is_ours(context.gateway, known, seen) else {}


def serves(seen: Observation | None, config_name: str) -> bool:
    """Tell whether the endpoint is in service with `config_name`, and not changing."""
    return (
        seen is not None
        and seen.status == "InService"
        and config_of(seen) == config_name
    )


def config_of(seen: Observation | None) -> str:
    """Return the name of the config that is served; empty: there is no endpoint."""
    return str(seen.description.get("EndpointConfigName", "")) if seen else ""


def why_not(
    context: Context,
    deployment: Deployment,
    operation: Operation,
    seen: Observation,
) -> str:
    """Say why the endpoint does not serve the version: a silent rollback is one reason."""
    reason = seen.reason or operation.reason or "SageMaker gave no reason"
    serving, name = config_of(seen), deployment.endpoint_name
    if seen.status == "InService" and serving != deployment.endpoint_config_name:
        state = f"SageMaker rolled it back: it serves {serving!r} as before"
    else:
        state = f"it is {seen.status}"
    return (
        f"The endpoint {deployment.endpoint_name!r} does not serve version"
        f" {deployment.version}: {state}. {reason}"
        + last_lines(context.gateway, f"{ENDPOINT.log_group}/{name}")
    )
