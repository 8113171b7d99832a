"""Rollouts: an endpoint updated to a version, verified, or put back as it was."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.controller.context import Context
from slipway.controller.operations import Intent
from slipway.controller.orm import Deployment, ModelVersion, Operation
from slipway.controller.serving import endpoint_name, smoke_test
from slipway.digests import digest_of
from slipway.errors import (
    IntegrityError,
    SlipwayError,
    StepFailedError,
    UnavailableError,
)
from slipway.names import resource_name
from slipway.payloads.hosting import (
    endpoint,
    endpoint_config,
    endpoint_update,
    sagemaker_model,
)
from slipway.payloads.layers import resolve
from slipway.s3.uri import S3Uri
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Observation

STEP = "deploy"
_UNFINISHED = frozenset({"planned", "updating", "verifying"})


@dataclass(frozen=True)
class Rollout:
    """What an endpoint ends up with."""

    endpoint_name: str
    endpoint_config_name: str
    version: int
    #: False: it served this already, and nothing was done.
    changed: bool


def deploy(context: Context, run_id: str, version: ModelVersion) -> Rollout:
    """Make `version` serve on its model's endpoint, and see that it does.

    Raises StepFailedError when the endpoint does not end up serving it: the version
    that served before then serves still.
    """
    name = endpoint_name(context)
    config_name = _config_name(context, version)
    seen = context.gateway.describe("endpoint", name)
    if version.state == "live" and seen is not None and _serves(seen, config_name):
        return Rollout(name, config_name, version.version, changed=False)
    _check_archive(context, version)
    deployment = _open(context, run_id, version, seen)
    try:
        _roll_out(context, deployment, version)
    except SlipwayError as error:
        if not _in_doubt(error):
            _give_up(context, deployment, error)
        raise
    return Rollout(name, config_name, version.version, changed=True)


def _open(
    context: Context, run_id: str, version: ModelVersion, seen: Observation | None
) -> Deployment:
    """Return the deployment that was left unfinished, or a new one."""
    config_name = _config_name(context, version)
    latest = context.store.records.latest_deployment(version.model, version.environment)
    if latest is not None and latest.state in _UNFINISHED:
        if latest.endpoint_config_name == config_name:
            return latest
        context.store.advance(latest, "fail", f"version {version.version} overtook it")
    return context.store.add(
        Deployment(
            environment=version.environment,
            model=version.model,
            run_id=run_id,
            endpoint_name=endpoint_name(context),
            version=version.version,
            endpoint_config_name=config_name,
            previous_config_name=_config_of(seen),
        )
    )


def _in_doubt(error: SlipwayError) -> bool:
    """Tell whether the rollout may still succeed: the same command then goes on."""
    if isinstance(error, SageMakerError):
        return error.fault is not Fault.BAD_REQUEST
    return isinstance(error, UnavailableError)


def _roll_out(context: Context, deployment: Deployment, version: ModelVersion) -> None:
    store, run_id = context.store, deployment.run_id
    _create_config(context, run_id, version)
    if deployment.state == "planned":
        deployment = store.advance(deployment, "update")
    context.store.put_endpoint(
        deployment.endpoint_name,
        environment=version.environment,
        model=version.model,
        desired_config_name=deployment.endpoint_config_name,
        desired_version=version.version,
    )
    operation = _change_endpoint(
        context, deployment, deployment.endpoint_config_name, "roll-out"
    )
    seen = _observe(context, deployment.endpoint_name)
    if operation.state != "succeeded" or not _serves(
        seen, deployment.endpoint_config_name
    ):
        raise StepFailedError(_why_not(deployment, operation, seen))
    if deployment.state == "updating":
        deployment = store.advance(deployment, "verify")
    try:
        _verify_images(seen, version)
        smoke_test(context, version)
    except SlipwayError:
        _put_back(context, deployment)
        raise
    store.advance(deployment, "succeed")
    store.promote(version, f"deployment {deployment.id} verified")


def _create_config(context: Context, run_id: str, version: ModelVersion) -> None:
    """Create the version's SageMaker model and endpoint config, if they are not there."""
    digest = _serving_digest(context, version)
    layers = context.layers(STEP)
    identity = {
        "SLIPWAY_MODEL_VERSION": str(version.version),
        "SLIPWAY_ARTIFACT_DIGEST": version.artifact_digest,
    }
    ledger = context.ledger(STEP)

    def model_payload(name: str, _generation: int) -> Mapping[str, Any]:
        return sagemaker_model(
            context.job(name, version.image_uri, digest),
            layers,
            model_data_url=S3Uri.parse(version.artifact_uri),
            environment=identity,
        ).payload

    def config_payload(name: str, _generation: int) -> Mapping[str, Any]:
        job = context.job(name, version.image_uri, digest)
        return endpoint_config(
            job, layers, sagemaker_model_name=_config_name(context, version)
        ).payload

    for resource, call, payload in (
        ("sagemaker_model", "CreateModel", model_payload),
        ("endpoint_config", "CreateEndpointConfig", config_payload),
    ):
        ledger.perform(
            Intent(
                key=f"{context.layout.root.key}{resource}/{digest}",
                run_id=run_id,
                resource=resource,
                call=call,
                digest=digest,
                name=lambda _generation: _config_name(context, version),
                payload=payload,
            )
        )


def _change_endpoint(
    context: Context, deployment: Deployment, config_name: str, purpose: str
) -> Operation:
    """Create the endpoint, or update it, with `config_name`; wait until that has ended."""
    name = deployment.endpoint_name
    exists = context.gateway.describe("endpoint", name) is not None
    digest = digest_of([name, config_name])
    tags = context.job(name, "", digest).owner.tags

    def payload(_name: str, _generation: int) -> Mapping[str, Any]:
        if exists:
            return endpoint_update(name, endpoint_config_name=config_name)
        return endpoint(name, endpoint_config_name=config_name, tags=tags)

    return context.ledger(STEP).perform(
        Intent(
            key=f"{context.layout.root.key}deployment/{deployment.id}/{purpose}",
            run_id=deployment.run_id,
            resource="endpoint",
            call="UpdateEndpoint" if exists else "CreateEndpoint",
            digest=digest,
            name=lambda _generation: name,
            payload=payload,
            made=lambda seen: config_name in _configs(seen),
        )
    )


def _put_back(context: Context, deployment: Deployment) -> None:
    """Make the endpoint serve what it served before the deployment."""
    previous = deployment.previous_config_name
    if not previous:
        return
    context.observer.step_status(STEP, f"going back to {previous}")
    _change_endpoint(context, deployment, previous, "roll-back")


def _give_up(context: Context, deployment: Deployment, error: SlipwayError) -> None:
    """Record how the deployment ended, by what the endpoint serves now."""
    current = context.store.records.latest_deployment(
        deployment.model, deployment.environment
    )
    if current is None or current.id != deployment.id:
        return
    reason = str(error)
    previous = deployment.previous_config_name
    back = bool(previous) and current.state in {"updating", "verifying"}
    context.store.advance(current, "roll_back" if back else "fail", reason)
    if previous:
        context.store.put_endpoint(
            deployment.endpoint_name, desired_config_name=previous
        )


def _observe(context: Context, name: str) -> Observation:
    seen = context.gateway.describe("endpoint", name)
    if seen is None:
        message = f"The endpoint {name!r} is gone: somebody deleted it meanwhile"
        raise StepFailedError(message)
    context.store.put_endpoint(
        name, observed_status=seen.status, observed_config_name=_config_of(seen)
    )
    return seen


def _serves(seen: Observation, config_name: str) -> bool:
    """Tell whether the endpoint is in service with `config_name`, and not changing."""
    return seen.status == "InService" and _config_of(seen) == config_name


def _config_of(seen: Observation | None) -> str:
    return str(seen.description.get("EndpointConfigName", "")) if seen else ""


def _configs(seen: Observation) -> set[str]:
    """Return the config that is served, and the one that is being rolled out."""
    pending = seen.description.get("PendingDeploymentSummary") or {}
    return {_config_of(seen), str(pending.get("EndpointConfigName", ""))}


def _why_not(deployment: Deployment, operation: Operation, seen: Observation) -> str:
    """Say why the endpoint does not serve the version: a silent rollback is one reason."""
    reason = seen.reason or operation.reason or "SageMaker gave no reason"
    serving = _config_of(seen)
    if seen.status == "InService" and serving != deployment.endpoint_config_name:
        state = f"SageMaker rolled it back: it serves {serving!r} as before"
    else:
        state = f"it is {seen.status}"
    return (
        f"The endpoint {deployment.endpoint_name!r} does not serve version"
        f" {deployment.version}: {state}. {reason}"
    )


def _verify_images(seen: Observation, version: ModelVersion) -> None:
    for variant in seen.description.get("ProductionVariants", []):
        for image in variant.get("DeployedImages", []):
            if image.get("SpecifiedImage") != version.image_uri:
                message = (
                    f"The variant {variant['VariantName']!r} runs"
                    f" {image.get('SpecifiedImage')!r}, not {version.image_uri!r}"
                )
                raise StepFailedError(message)


def _check_archive(context: Context, version: ModelVersion) -> None:
    """Refuse an artifact that is not the one that was registered."""
    uri = S3Uri.parse(version.artifact_uri)
    with tempfile.TemporaryFile() as file:
        found = context.objects.download(uri, file)
    if found != version.archive_sha256:
        message = (
            f"{uri} is not the artifact that version {version.version} was registered"
            f" with: sha256 {found[:12]}…, not {version.archive_sha256[:12]}…. It was"
            " changed in S3; nothing was deployed. Train again: invoke deploy --force"
        )
        raise IntegrityError(message)


def _config_name(context: Context, version: ModelVersion) -> str:
    """Return the name of the version's SageMaker model and endpoint config."""
    return resource_name(
        version.environment,
        version.model,
        f"v{version.version}",
        digest=_serving_digest(context, version),
    )


def _serving_digest(context: Context, version: ModelVersion) -> str:
    """Return the digest of everything that decides how the version is served."""
    variant = resolve("ProductionVariant", context.layers(STEP), {}).payload
    return digest_of(
        [
            version.environment,
            version.model,
            version.version,
            version.artifact_digest,
            version.image_uri,
            variant,
        ]
    )
