"""Create, describe, list, update and delete model packages."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.identity import Kind, arn
from slipway.sagemaker_local.operations.client_tokens import (
    made_before,
    remember,
    token_key,
)
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.package_groups import group_arn
from slipway.sagemaker_local.operations.package_update import GROUP_MEMBER, updated
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
_BY_TYPE: Mapping[str, Matching] = {
    "Unversioned": Matching(present={GROUP_MEMBER: False}),
    "Versioned": Matching(present={GROUP_MEMBER: True}),
    "Both": Matching(),
}


def create_package(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateModelPackage: the next version of a group, or one of its own name."""
    _check(payload)
    key = token_key("CreateModelPackage", region, payload)
    with stack.store.together():
        made = made_before(stack.store, key, payload)
        if made is not None:
            return {"ModelPackageArn": made}
        if GROUP_MEMBER in payload:
            package = _version(stack, region, payload)
        else:
            package = _unversioned(region, payload)
        package = _with_token(package, key)
        try:
            stack.store.create(package, given_tags(payload.get("Tags", [])))
        except RecordExistsError as error:
            raise faults.package_exists(package.arn) from error
        remember(stack.store, key, payload, package)
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
    group = payload.get(GROUP_MEMBER)
    default = "Unversioned" if group is None else "Versioned"
    kept = _BY_TYPE[payload.get("ModelPackageType", default)]
    values = {}
    if group is not None:
        found = stack.store.get(group_arn(region, group))
        if found is None:
            raise faults.group_missing(group_arn(region, group))
        values[GROUP_MEMBER] = found.name
    if "ModelApprovalStatus" in payload:
        values["ModelApprovalStatus"] = payload["ModelApprovalStatus"]
    matching = Matching(values=values, present=kept.present)
    return list_page(stack.store, region, _LISTING, payload, matching)


def update_package(stack: Stack, region: str, payload: Payload) -> Answer:
    """UpdateModelPackage: only of versions; the same request twice is one change."""
    own = payload["ModelPackageArn"]
    key = token_key("UpdateModelPackage", region, payload)

    def change(package: Record) -> Record:
        _check_kind(package)
        return _with_token(updated(package, payload), key)

    with _found(own), stack.store.together():
        if made_before(stack.store, key, payload) is None:
            package = stack.store.change(own, change)
            remember(stack.store, key, payload, package)
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


def _with_token(package: Record, key: str | None) -> Record:
    """Return a package that knows the token of one more request about it."""
    if key is None:
        return package
    return package.with_execution(tokens=[*package.execution.get("tokens", ()), key])


def _tokens(package: Record) -> list[str]:
    """Return the records of the tokens of requests about a package."""
    _check_kind(package)
    tokens: list[str] = package.execution.get("tokens", [])
    return tokens


def _check_kind(record: Record) -> None:
    if record.kind != KIND:
        raise faults.package_missing(record.arn)


def _check(payload: Payload) -> None:
    versioned = GROUP_MEMBER in payload
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
            group_arn(region, payload[GROUP_MEMBER]),
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
        GROUP_MEMBER: group.name,
        "ModelPackageVersion": number,
    }
    return _package(arn(region, KIND, f"{group.name}/{number}"), region, own)


def _unversioned(region: str, payload: Payload) -> Record:
    return _package(arn(region, KIND, payload["ModelPackageName"]), region, payload)


def _package(own: str, region: str, content: Payload) -> Record:
    now = time.time()
    name = content.get(GROUP_MEMBER) or content["ModelPackageName"]
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
    )
