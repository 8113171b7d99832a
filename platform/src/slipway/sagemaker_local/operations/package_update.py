"""What UpdateModelPackage makes of a model package."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.store import Record

Payload = Mapping[str, Any]
#: Says of a package that it is a version.
GROUP_MEMBER = "ModelPackageGroupName"
_REPLACED = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelLifeCycle",
)
_SPECIFICATIONS, _MOST_SPECIFICATIONS = "AdditionalInferenceSpecifications", 15


def updated(package: Record, payload: Payload) -> Record:
    """Return a version as an UpdateModelPackage makes it."""
    if GROUP_MEMBER not in package.description:
        raise faults.not_versioned(package.arn)
    shown = package.description
    removed = payload.get("CustomerMetadataPropertiesToRemove", [])
    properties = {
        **shown.get("CustomerMetadataProperties", {}),
        **payload.get("CustomerMetadataProperties", {}),
    }
    return package.with_description(
        **{name: payload[name] for name in _REPLACED if name in payload},
        CustomerMetadataProperties={
            key: value for key, value in properties.items() if key not in removed
        }
        or None,
        AdditionalInferenceSpecifications=_specifications(shown, payload) or None,
    )


def _specifications(shown: Payload, payload: Payload) -> list[Any]:
    added = payload.get("AdditionalInferenceSpecificationsToAdd", [])
    there = shown.get(_SPECIFICATIONS, [])
    new = [each for each in added if each not in there]
    names = [each["Name"] for each in (*there, *new)]
    for name in names:
        if names.count(name) > 1:
            raise faults.repeated_name(_SPECIFICATIONS, name)
    if len(names) > _MOST_SPECIFICATIONS:
        raise faults.too_many_specifications(_MOST_SPECIFICATIONS)
    return [*there, *new]
