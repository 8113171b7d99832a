"""What a version is served by: a SageMaker model and an endpoint config."""

import tempfile
from collections.abc import Iterator

from slipway.controller.context import Context
from slipway.controller.intents import Intent, delete_key
from slipway.controller.orm import ModelVersion
from slipway.digests import digest_of
from slipway.errors import IntegrityError
from slipway.names import resource_name
from slipway.payloads.hosting import endpoint_config, sagemaker_model
from slipway.payloads.jobs import Job
from slipway.payloads.layers import Resolved, resolve
from slipway.s3.uri import S3Uri
from slipway.sagemaker.resources import RESOURCES

#: The step that everything here is done for.
STEP = "deploy"
#: What layers set of it, by SageMaker's operation or shape.
_SERVING = ("CreateModel", "CreateEndpointConfig", "ProductionVariant")


def create_config(context: Context, run_id: str, version: ModelVersion) -> None:
    """Create the version's SageMaker model and endpoint config, if they are not there."""
    create_sagemaker_model(context, run_id, version)
    made = config_payload(context, version)
    _create(context, run_id, version, "endpoint_config", made)


def create_sagemaker_model(context: Context, run_id: str, version: ModelVersion) -> str:
    """Create the version's SageMaker model, if it is not there, and return its name."""
    made = model_payload(context, version)
    return _create(context, run_id, version, "sagemaker_model", made)


def _create(
    context: Context, run_id: str, version: ModelVersion, resource: str, made: Resolved
) -> str:
    digest = serving_digest(context, version)
    operation = context.ledger(STEP).perform(
        Intent(
            key=hosting_key(context, resource, digest),
            run_id=run_id,
            resource=resource,
            call=RESOURCES[resource].create,
            digest=digest,
            name=lambda _generation: config_name_of(context, version),
            payload=lambda _name, _generation: made.payload,
            owner=context.owner(digest).values,
        )
    )
    return operation.name


def hosting_key(context: Context, resource: str, digest: str) -> str:
    """Return what names the operation that makes a model or a config of a version."""
    return f"{context.layout.root.key}{resource}/{digest}"


def model_payload(context: Context, version: ModelVersion) -> Resolved:
    """Return the payload of the version's SageMaker model."""
    return sagemaker_model(
        _hosted(context, version),
        context.layers(STEP),
        model_data_url=S3Uri.parse(version.artifact_uri),
        environment={
            "SLIPWAY_MODEL_VERSION": str(version.version),
            "SLIPWAY_ARTIFACT_DIGEST": version.artifact_digest,
        },
    )


def config_payload(context: Context, version: ModelVersion) -> Resolved:
    """Return the payload of the version's endpoint config."""
    name = config_name_of(context, version)
    layers = context.layers(STEP)
    job = _hosted(context, version)
    return endpoint_config(job, layers, sagemaker_model_name=name)


def _hosted(context: Context, version: ModelVersion) -> Job:
    """Return the facts that the version's SageMaker model and config share."""
    name, digest = config_name_of(context, version), serving_digest(context, version)
    return context.job(name, version.image_uri, digest)


def variant_name(context: Context) -> str:
    """Return the name of the endpoint's variant: the same for every version."""
    variant = resolve("ProductionVariant", context.layers(STEP), {}).payload
    return str(variant["VariantName"])


def check_archive(context: Context, version: ModelVersion) -> None:
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


def config_name_of(context: Context, version: ModelVersion) -> str:
    """Return the name of the version's SageMaker model and endpoint config."""
    return config_names_of(context, version)[-1]


def config_names_of(context: Context, version: ModelVersion) -> list[str]:
    """Return the names that the same config had, the one that it has now last."""
    place = (version.environment, version.model, f"v{version.version}")
    digests = _serving_digests(context, version)
    return [resource_name(*place, digest=digest) for digest in digests]


def serving_digest(context: Context, version: ModelVersion) -> str:
    """Return the digest of everything that decides how the version is served."""
    return [*_serving_digests(context, version)][-1]


def is_given_up(context: Context, key: str) -> bool:
    """Tell whether a collection began to delete what the operations of a key made.

    It may be asleep on its way: what has the same name would be deleted when it wakes.
    """
    records = context.store.records
    made = records.latest_operation(key)
    generations = range(1, made.generation + 1) if made is not None else ()
    return any(records.latest_operation(delete_key(key, each)) for each in generations)


def _serving_digests(context: Context, version: ModelVersion) -> Iterator[str]:
    """Yield the digest, and another one each time that what has it was given up."""
    digest = _first_digest(context, version)
    yield digest
    while any(
        is_given_up(context, hosting_key(context, resource, digest))
        for resource in ("endpoint_config", "sagemaker_model")
    ):
        digest = digest_of([digest, "made anew"])
        yield digest


def _first_digest(context: Context, version: ModelVersion) -> str:
    layers = context.layers(STEP)
    settings = [resolve(operation, layers, {}).payload for operation in _SERVING]
    return digest_of(
        [
            version.environment,
            version.model,
            version.version,
            version.artifact_digest,
            version.image_uri,
            *settings,
        ]
    )
