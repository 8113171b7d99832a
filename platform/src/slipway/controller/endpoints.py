"""A model's endpoint: changed once, looked at, and compared with what it should be."""

from collections.abc import Mapping
from typing import Any

from slipway.controller.context import Context
from slipway.controller.failures import last_lines
from slipway.controller.hosting import STEP
from slipway.controller.intents import Intent
from slipway.controller.orm import Deployment, ModelVersion, Operation
from slipway.controller.store.endpoints import see_endpoint
from slipway.digests import digest_of
from slipway.errors import StepFailedError
from slipway.payloads.hosting import endpoint, endpoint_update
from slipway.sagemaker.gateway import Observation
from slipway.sagemaker.resources import ENDPOINT

#: The status that SageMaker lets nothing follow but a delete.
_DEAD = "Failed"


def change_endpoint(
    context: Context, deployment: Deployment, config_name: str, purpose: str
) -> Operation:
    """Create the endpoint, or update it, with `config_name`; wait until that has ended."""
    name = deployment.endpoint_name
    seen = context.gateway.describe("endpoint", name)
    if seen is not None and seen.status == _DEAD:
        _clear_away(context, deployment)
        seen = None
    exists = seen is not None
    digest = digest_of([name, config_name])
    owner = context.owner(digest)

    def payload(_name: str, _generation: int) -> Mapping[str, Any]:
        if exists:
            return endpoint_update(name, endpoint_config_name=config_name)
        return endpoint(name, endpoint_config_name=config_name, tags=owner.tags)

    return context.ledger(STEP).perform(
        Intent(
            key=f"{context.layout.root.key}deployment/{deployment.id}/{purpose}",
            run_id=deployment.run_id,
            resource="endpoint",
            call="UpdateEndpoint" if exists else "CreateEndpoint",
            digest=digest,
            name=lambda _generation: name,
            payload=payload,
            owner=owner.values,
        )
    )


def _clear_away(context: Context, deployment: Deployment) -> None:
    """Delete an endpoint that failed: it serves nothing, and allows nothing else."""
    name = deployment.endpoint_name
    operation = context.ledger(STEP).perform(
        Intent(
            key=f"{context.layout.root.key}deployment/{deployment.id}/clear-away",
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
    status, reason = (seen.status, seen.reason) if seen else (None, "")
    see_endpoint(context.store, name, status, config_of(seen), reason)
    if seen is None:
        message = f"The endpoint {name!r} is gone: somebody deleted it meanwhile"
        raise StepFailedError(message)
    return seen


def serves(seen: Observation, config_name: str) -> bool:
    """Tell whether the endpoint is in service with `config_name`, and not changing."""
    return seen.status == "InService" and config_of(seen) == config_name


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


def verify_images(seen: Observation, version: ModelVersion) -> None:
    """Raise StepFailedError unless every variant runs the version's image."""
    for variant in seen.description.get("ProductionVariants", []):
        for image in variant.get("DeployedImages", []):
            if image.get("SpecifiedImage") != version.image_uri:
                message = (
                    f"The variant {variant['VariantName']!r} runs"
                    f" {image.get('SpecifiedImage')!r}, not {version.image_uri!r}"
                )
                raise StepFailedError(message)
