"""Create, describe and delete models and endpoint configs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.capture.settings import checked
from slipway.sagemaker_local.identity import Kind, arn
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.model_containers import (
    check_container,
    given_container,
    resolved,
)
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.operations.variant_limits import check_weights
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Noun:
    """A resource that is there or not, and has no status."""

    kind: Kind
    #: As error messages call it.
    text: str
    #: Prefix of its members: `ModelName`, `ModelArn`.
    prefix: str


MODEL = Noun("model", "model", "Model")
CONFIG = Noun("endpoint-config", "endpoint configuration", "EndpointConfig")
DEFAULT_WEIGHT = 1.0
_MODELS = Listing("model", "Models", newest_first=True, after_is_included=True)
_CONFIGS = Listing(
    "endpoint-config", "EndpointConfigs", newest_first=True, after_is_included=True
)


def create_model(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateModel: the image and the model data must be there."""
    member, container = given_container(payload)
    if find(stack, region, MODEL, payload["ModelName"]) is None:
        container = resolved(stack, region, container)
        check_container(stack, container)
    container = {"Mode": "SingleModel", **container}
    shown = [container] if member == "Containers" else container
    content = {"EnableNetworkIsolation": False, **payload, member: shown}
    return _create(stack, region, MODEL, content)


def create_endpoint_config(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateEndpointConfig: its models must be there."""
    names = [each["VariantName"] for each in payload["ProductionVariants"]]
    if len(set(names)) < len(names):
        message = "Production variant names must be unique in an endpoint configuration"
        raise faults.validation(message)
    check_weights(
        payload["ProductionVariants"], "ProductionVariants", "InitialVariantWeight"
    )
    variants = []
    for each in payload["ProductionVariants"]:
        existing(stack, region, MODEL, each["ModelName"])
        variants.append({"InitialVariantWeight": DEFAULT_WEIGHT, **each})
    content = {**payload, "ProductionVariants": variants}
    if "DataCaptureConfig" in payload:
        content["DataCaptureConfig"] = checked(payload["DataCaptureConfig"])
    return _create(stack, region, CONFIG, content)


def describe_model(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeModel."""
    return _described(existing(stack, region, MODEL, payload["ModelName"]))


def describe_endpoint_config(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeEndpointConfig."""
    return _described(existing(stack, region, CONFIG, payload["EndpointConfigName"]))


def list_models(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListModels."""
    return list_page(stack.store, region, _MODELS, payload)


def list_endpoint_configs(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListEndpointConfigs."""
    return list_page(stack.store, region, _CONFIGS, payload)


def delete_model(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteModel: as on AWS, one in use is not protected."""
    return _delete(stack, region, MODEL, payload["ModelName"])


def delete_endpoint_config(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteEndpointConfig: as on AWS, one in use is not protected."""
    return _delete(stack, region, CONFIG, payload["EndpointConfigName"])


def find(stack: Stack, region: str, noun: Noun, name: str) -> Record | None:
    """Return a resource; None where there is none."""
    return stack.store.get(arn(region, noun.kind, name))


def existing(stack: Stack, region: str, noun: Noun, name: str) -> Record:
    """Return a resource; AWS's error where there is none."""
    found = find(stack, region, noun, name)
    if found is None:
        raise faults.missing(noun.text, arn(region, noun.kind, name))
    return found


def _create(stack: Stack, region: str, noun: Noun, content: Payload) -> Answer:
    now, name = time.time(), content[f"{noun.prefix}Name"]
    own = arn(region, noun.kind, name)
    kept = {key: value for key, value in content.items() if key != "Tags"}
    record = Record(
        arn=own,
        kind=noun.kind,
        region=region,
        name=name,
        status="",
        created_at=now,
        modified_at=now,
        description={**kept, f"{noun.prefix}Arn": own},
    )
    try:
        stack.store.create(record, given_tags(content.get("Tags", [])))
    except RecordExistsError as error:
        raise faults.exists(noun.text, own) from error
    return {f"{noun.prefix}Arn": own}


def _delete(stack: Stack, region: str, noun: Noun, name: str) -> Answer:
    own = arn(region, noun.kind, name)
    try:
        stack.store.delete(own)
    except RecordMissingError as error:
        raise faults.missing(noun.text, own) from error
    return {}


def _described(record: Record) -> Answer:
    return {**record.description, "CreationTime": record.created_at}
