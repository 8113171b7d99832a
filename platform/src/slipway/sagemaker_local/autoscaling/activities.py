"""Scaling activities: what was changed, why, and how it ended."""

import uuid
from dataclasses import replace

from slipway.sagemaker_local.autoscaling.resources import (
    ACTIVITY,
    DIMENSION,
    NAMESPACE,
    NO_STATUS,
    Variant,
)
from slipway.sagemaker_local.store import Record, Store

#: AWS describes those of the last six weeks; in seconds.
_KEPT = 6 * 7 * 24 * 3600.0


def new_activity(variant: Variant, capacity: int, cause: str, now: float) -> Record:
    """Return a new activity that is under way."""
    own = str(uuid.uuid4())
    return Record(
        arn=f"{variant.target_arn}/activity/{own}",
        kind=ACTIVITY,
        region=variant.region,
        name=own,
        status=NO_STATUS,
        created_at=now,
        modified_at=now,
        description={
            "ActivityId": own,
            "ServiceNamespace": NAMESPACE,
            "ResourceId": variant.resource_id,
            "ScalableDimension": DIMENSION,
            "Description": f"Setting desired instance count to {capacity}.",
            "Cause": cause,
            "StartTime": now,
            "StatusCode": "InProgress",
        },
        execution={"capacity": capacity},
    )


def ended(record: Record, now: float, fault: str | None) -> Record:
    """Return an activity that ended well, or for a reason did not."""
    capacity = record.execution["capacity"]
    if fault is None:
        status = "Successful"
        message = (
            f"Successfully set desired instance count to {capacity}. Change "
            "successfully fulfilled by sagemaker."
        )
    else:
        status = "Failed"
        message = f"Failed to set desired instance count to {capacity}. Reason: {fault}"
    return replace(record, modified_at=now).with_description(
        EndTime=now, StatusCode=status, StatusMessage=message
    )


def forget_old(store: Store, now: float) -> None:
    """Remove the activities that AWS would show no more."""
    for record in store.having(ACTIVITY, (NO_STATUS,)):
        if record.created_at < now - _KEPT:
            store.delete(record.arn)
