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


def endpoint_update(name: str, *, endpoint_config_name: str) -> dict[str, Any]:
    """Return UpdateEndpoint's payload: blue/green, all traffic at once when healthy."""
    return {
        "EndpointName": name,
        "EndpointConfigName": endpoint_config_name,
        "RetainAllVariantProperties": False,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "ALL_AT_ONCE",
                    "WaitIntervalInSeconds": 0,
                },
                "TerminationWaitInSeconds": 0,
            }
        },
    }
