"""How an endpoint is known again: names are used again, and tags say whose it is."""

from typing import Any

from slipway.controller.orm import Endpoint
from slipway.payloads.jobs import model_tags
from slipway.sagemaker.gateway import Gateway, Observation

#: What Describe says that a variant should have.
WEIGHT, COUNT = "DesiredWeight", "DesiredInstanceCount"


def kept_of(seen: Observation) -> dict[str, Any]:
    """Return by which an endpoint is known again, and what it has of its variants."""
    return {
        "arn": seen.arn,
        "made_at": seen.description.get("CreationTime"),
        "capacity": capacity_of(seen),
    }


def capacity_of(seen: Observation) -> dict[str, dict[str, Any]]:
    """Return the weight and the instances of each variant, as they are asked for."""
    return {
        variant["VariantName"]: {
            member: variant[member] for member in (WEIGHT, COUNT) if member in variant
        }
        for variant in seen.description.get("ProductionVariants", [])
    }


def is_known(endpoint: Endpoint, seen: Observation) -> bool:
    """Tell whether it is the endpoint that was seen before."""
    made_at = seen.description.get("CreationTime")
    return (endpoint.arn, endpoint.made_at) == (seen.arn, made_at)


def is_ours(gateway: Gateway, endpoint: Endpoint, seen: Observation) -> bool:
    """Tell whether an endpoint's tags say that it is its model's."""
    owner = model_tags(endpoint.environment, endpoint.model)
    tags = gateway.tags(seen.arn)
    return all(tags.get(key) == value for key, value in owner.items())
