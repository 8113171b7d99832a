"""Create, describe, list, update and delete model packages."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.identity import Kind, arn
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.package_groups import group_arn
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.selection import Matching
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]
KIND: Kind = "model-package"
_LISTING = Listing(KIND, "ModelPackageSummaryList", status="ModelPackageStatus")
#: What a request holds beside the package itself.
_OF_THE_REQUEST = ("Tags", "ClientToken")
_ONLY_OF_VERSIONS = ("ModelApprovalStatus", "CustomerMetadataProperties")
#: What a package needs that belongs to no group.
_ONLY_UNVERSIONED = (
    "SupportedTransformInstanceTypes",
    "SupportedRealtimeInferenceInstanceTypes",
)
_GROUP_MEMBER = "ModelPackageGroupName"
_BY_TYPE: Mapping[str, Matching] = {
    "Unversioned": Matching(present={_GROUP_MEMBER: False}),
    "Versioned": Matching(present={_GROUP_MEMBER: True}),
    "Both": Matching(),
}
_SPECIFICATIONS, _MOST_SPECIFICATIONS = "AdditionalInferenceSpecifications", 15


def create_package(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateModelPackage: the next version of a group, or one of its own name."""
    _check(payload)
    with stack.store.together():
        made = _made_before(stack, region, payload)
        if made is not None:
            return {"ModelPackageArn": made}
        if _GROUP_MEMBER in payload:
            package = _version(stack, region, payload)
        else:
            package = _unversioned(region, payload)
        try:
            stack.store.create(package, given_tags(payload.get("Tags", [])))
        except RecordExistsError as error:
            raise faults.package_exists(package.arn) from error
        _remember(stack, package, payload)
    return {"ModelPackageArn": package.arn}


def describe_package(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeModelPackage."""
    package = existing_package(stack, region, payload["ModelPackageName"])
    answer = {
        **package.description,
        "ModelPackageStatus": package.status,
        "ModelPackageStatusDetails": {
            "ValidationStatuses": [],
            "ImageScanStatuses": [],
        },
        "CreationTime": package.created_at,
        "CreatedBy": {},
    }
    if package.modified_at != package.created_at:
        answer |= {"LastModifiedTime": package.modified_at, "LastModifiedBy": {}}
    return answer


def list_packages(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListModelPackages: without a type, of a group its versions, else unversioned."""
    group = payload.get(_GROUP_MEMBER)
    default = "Unversioned" if group is None else "Versioned"
    kept = _BY_TYPE[payload.get("ModelPackageType", default)]
    values = {}
    if group is not None:
        found = stack.store.get(group_arn(region, group))
        if found is None:
            raise faults.group_missing(group_arn(region, group))
        values[_GROUP_MEMBER] = found.name
    if "ModelApprovalStatus" in payload:
        values["ModelApprovalStatus"] = payload["ModelApprovalStatus"]
    matching = Matching(values=values, present=kept.present)
    return list_page(stack.store, region, _LISTING, payload, matching)


def update_package(stack: Stack, _region: str, payload: Payload) -> Answer:
    """UpdateModelPackage: only of versions; the same request twice is one change."""
    own = payload["ModelPackageArn"]
    with _found(own):
        stack.store.change(own, lambda package: _updated(package, payload))
    return {"ModelPackageArn": own}


def delete_package(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteModelPackage: a version's number is not given again."""
    own = _package_arn(region, payload["ModelPackageName"])
    with _found(own), stack.store.together():
        tokens: list[str] = []
        stack.store.delete(own, lambda package: tokens.extend(_tokens(package)))
        for token in tokens:
            stack.store.delete(token)
    return {}


def existing_package(stack: Stack, region: str, name_or_arn: str) -> Record:
    """Return a package that a request names; AWS's error where there is none."""
    own = _package_arn(region, name_or_arn)
    package = stack.store.get(own)
    if package is None:
        raise faults.package_missing(own)
    _check_kind(package)
    return package


@contextmanager
def _found(own: str) -> Iterator[None]:
    try:
        yield
    except RecordMissingError as error:
        raise faults.package_missing(own) from error


def _package_arn(region: str, name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return arn(region, KIND, name_or_arn)


def _tokens(package: Record) -> list[str]:
    """Return the records of the tokens of a package's creation."""
    _check_kind(package)
    token = package.execution.get("token")
    return [] if token is None else [token]


def _check_kind(record: Record) -> None:
    if record.kind != KIND:
        raise faults.package_missing(record.arn)


def _check(payload: Payload) -> None:
    versioned = _GROUP_MEMBER in payload
    if versioned and "ModelPackageName" in payload:
        raise faults.package_and_group()
    if versioned and payload.get("Tags"):
        raise faults.version_tags()
    if versioned:
        return
    if "ModelPackageName" not in payload:
        raise faults.package_unnamed()
    for member in _ONLY_OF_VERSIONS:
        if member in payload:
            raise faults.only_of_versions(member)
    for member in _ONLY_UNVERSIONED:
        if member not in payload["InferenceSpecification"]:
            raise faults.missing_member(member)


def _version(stack: Stack, region: str, payload: Payload) -> Record:
    """Take the next number of a group."""
    try:
        group = stack.store.change(
            group_arn(region, payload[_GROUP_MEMBER]),
            lambda group: group.with_execution(
                versions=group.execution["versions"] + 1
            ),
        )
    except RecordMissingError as error:
        raise faults.no_group_to_register_in() from error
    number = group.execution["versions"]
    own = {
        "ModelApprovalStatus": "PendingManualApproval",
        **payload,
        _GROUP_MEMBER: group.name,
        "ModelPackageVersion": number,
    }
    return _package(arn(region, KIND, f"{group.name}/{number}"), region, own)


def _unversioned(region: str, payload: Payload) -> Record:
    return _package(arn(region, KIND, payload["ModelPackageName"]), region, payload)


def _package(own: str, region: str, content: Payload) -> Record:
    now = time.time()
    name = content.get(_GROUP_MEMBER) or content["ModelPackageName"]
    kept = {key: content[key] for key in content if key not in _OF_THE_REQUEST}
    return Record(
        arn=own,
        kind=KIND,
        region=region,
        name=name,
        status="Completed",
        created_at=now,
        modified_at=now,
        description={
            "ModelPackageRegistrationType": "Registered",
            "SkipModelValidation": "None",
            "CertifyForMarketplace": False,
            **kept,
            "ModelPackageName": name,
            "ModelPackageArn": own,
        },
        execution=_token(region, content),
    )


def _updated(package: Record, payload: Payload) -> Record:
    _check_kind(package)
    if _GROUP_MEMBER not in package.description:
        raise faults.not_versioned(package.arn)
    shown = package.description
    removed = payload.get("CustomerMetadataPropertiesToRemove", [])
    properties = {
        **shown.get("CustomerMetadataProperties", {}),
        **payload.get("CustomerMetadataProperties", {}),
    }
    replaced = (
        "ModelApprovalStatus",
        "ApprovalDescription",
        "InferenceSpecification",
        "ModelLifeCycle",
    )
    return package.with_description(
        **{name: payload[name] for name in replaced if name in payload},
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


def _made_before(stack: Stack, region: str, payload: Payload) -> str | None:
    """Return what an earlier request with the same token made."""
    if "ClientToken" not in payload:
        return None
    token = stack.store.get(_token_arn(region, payload))
    if token is None:
        return None
    if token.execution["request"] != _digest(payload):
        raise faults.client_token_used()
    made: str = token.execution["made"]
    return made


def _token(region: str, payload: Payload) -> dict[str, str]:
    return {"token": _token_arn(region, payload)} if "ClientToken" in payload else {}


def _remember(stack: Stack, package: Record, payload: Payload) -> None:
    if "ClientToken" not in payload:
        return
    token = Record(
        arn=_token_arn(package.region, payload),
        kind="client-token",
        region=package.region,
        name=payload["ClientToken"],
        status="",
        created_at=package.created_at,
        modified_at=package.created_at,
        execution={"made": package.arn, "request": _digest(payload)},
    )
    stack.store.create(token, {})


def _token_arn(region: str, payload: Payload) -> str:
    return f"client-token:{region}:CreateModelPackage:{payload['ClientToken']}"


def _digest(payload: Payload) -> str:
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
