"""Create, describe, list and delete model package groups."""

import time
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.identity import Kind, arn
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.selection import Matching, Selection
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import (
    Record,
    RecordExistsError,
    RecordMissingError,
)

Payload = Mapping[str, Any]
Answer = dict[str, Any]
KIND: Kind = "model-package-group"
_LISTING = Listing(
    KIND,
    "ModelPackageGroupSummaryList",
    status="ModelPackageGroupStatus",
)


def create_group(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateModelPackageGroup."""
    now, name = time.time(), payload["ModelPackageGroupName"]
    own = arn(region, KIND, name)
    kept = {key: value for key, value in payload.items() if key != "Tags"}
    group = Record(
        arn=own,
        kind=KIND,
        region=region,
        name=name,
        status="Completed",
        created_at=now,
        modified_at=now,
        description={**kept, "ModelPackageGroupArn": own},
        execution={"versions": 0},
    )
    try:
        stack.store.create(group, given_tags(payload.get("Tags", [])))
    except RecordExistsError as error:
        raise faults.group_exists(own) from error
    return {"ModelPackageGroupArn": own}


def describe_group(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeModelPackageGroup."""
    own = group_arn(region, payload["ModelPackageGroupName"])
    group = stack.store.get(own)
    if group is None or group.kind != KIND:
        raise faults.group_missing(own)
    return {
        **group.description,
        "ModelPackageGroupStatus": group.status,
        "CreationTime": group.created_at,
        "CreatedBy": {},
    }


def list_groups(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListModelPackageGroups."""
    return list_page(stack.store, region, _LISTING, payload)


def delete_group(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteModelPackageGroup: only a group without packages."""
    own = group_arn(region, payload["ModelPackageGroupName"])

    def check(group: Record) -> None:
        if group.kind != KIND:
            raise faults.group_missing(own)
        # No package can be created meanwhile: a deletion is alone with the store.
        if stack.store.select(_of_group(group)):
            raise faults.group_in_use(own)

    try:
        stack.store.delete(own, check)
    except RecordMissingError as error:
        raise faults.group_missing(own) from error
    return {}


def group_arn(region: str, name_or_arn: str) -> str:
    """Return the ARN of a group that a request names in either way."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return arn(region, KIND, name_or_arn)


def _of_group(group: Record) -> Selection:
    return Selection(
        kind="model-package",
        region=group.region,
        matching=Matching(values={"ModelPackageGroupName": group.name}),
        limit=1,
    )
