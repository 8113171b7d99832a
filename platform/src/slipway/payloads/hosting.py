"""The payloads of what serves: model, endpoint config, endpoint."""

from collections.abc import Iterable, Mapping
from typing import Any

from slipway.payloads.jobs import Job
from slipway.payloads.layers import Layer, Resolved, resolve
from slipway.s3.uri import S3Uri


def sagemaker_model(
    job: Job,
    layers: Iterable[Layer],
    *,
    model_data_url: S3Uri,
    environment: Mapping[str, str],
) -> Resolved:
    """Return CreateModel's payload: an image, an artifact, and what identifies them."""
    facts = {
        "ModelName": job.name,
        "PrimaryContainer": {
            "Image": job.image_uri,
            "ModelDataUrl": str(model_data_url),
            "Environment": dict(environment),
        },
        "Tags": job.owner.tags,
    }
    return resolve("CreateModel", layers, facts)


def endpoint_config(
    job: Job, layers: Iterable[Layer], *, sagemaker_model_name: str
) -> Resolved:
    """Return CreateEndpointConfig's payload: one variant that takes all traffic."""
    stacked = tuple(layers)
    model = {"ModelName": sagemaker_model_name}
    variant = resolve("ProductionVariant", stacked, model)
    facts = {
        "EndpointConfigName": job.name,
        "ProductionVariants": [variant.payload],
        "Tags": job.owner.tags,
    }
    config = resolve("CreateEndpointConfig", stacked, facts)
    inner = {
        f"ProductionVariants[0].{path}": setter
        for path, setter in variant.set_by.items()
    }
    outer = {
        path: setter
        for path, setter in config.set_by.items()
        if path != "ProductionVariants"
    }
    return Resolved(config.payload, outer | inner)


def endpoint(
    name: str, *, endpoint_config_name: str, tags: list[dict[str, str]]
) -> dict[str, Any]:
    """Return CreateEndpoint's payload."""
    return {
        "EndpointName": name,
        "EndpointConfigName": endpoint_config_name,
        "Tags": tags,
    }


def endpoint_update(
    name: str,
    *,
    endpoint_config_name: str,
    deployment: Mapping[str, Any],
    declared: Iterable[str] = (),
) -> dict[str, Any]:
    """Return UpdateEndpoint's payload: what was scaled or captured by hand is kept.

    `declared` are the variant properties that the new config sets on purpose.
    """
    excluded = [{"VariantPropertyType": name} for name in declared]
    payload: dict[str, Any] = {
        "EndpointName": name,
        "EndpointConfigName": endpoint_config_name,
        "RetainAllVariantProperties": True,
        "DeploymentConfig": dict(deployment),
    }
    if excluded:
        payload["ExcludeRetainedVariantProperties"] = excluded
    return payload


def declared_properties(
    live: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[str]:
    """Return which variant properties a new config may set: what nobody changed since.

    `live` describes the endpoint, `old` the config that it serves. Instances are counted
    as the new config says where that is a change, and the endpoint has as many as the
    old one asked for; an autoscaled or scaled variant keeps what it has.
    """
    counts = {
        variant["VariantName"]: variant.get("DesiredInstanceCount")
        for variant in live.get("ProductionVariants", [])
    }
    before, after = _initial_counts(old), _initial_counts(new)
    declared = []
    if before != after and counts == before:
        declared.append("DesiredInstanceCount")
    if "DataCaptureConfig" in new:
        declared.append("DataCaptureConfig")
    return declared


def _initial_counts(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        variant["VariantName"]: variant.get("InitialInstanceCount")
        for variant in config.get("ProductionVariants", [])
    }
