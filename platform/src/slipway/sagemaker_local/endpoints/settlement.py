"""How a change of an endpoint ends: pure functions of its record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.store import Record

_LONGEST_REASON = 1024
#: Where a record keeps the plans of its fleets: what serves, what is to serve, and
#: what is left of an update that could not be rolled back.
FLEETS = ("fleet", "pending", "mixed")
_AT_REST: Mapping[str, Any] = {"pending": None, "progress": None}


def in_service(record: Record, plan: FleetPlan) -> Record:
    """Return the record of an endpoint that a plan serves."""
    settled = record.with_execution(**_AT_REST, fleet=plan.json(), mixed=None)
    return replace(settled, status="InService").with_description(
        FailureReason=None, EndpointConfigName=plan.config
    )


def failed(record: Record, reason: str) -> Record:
    """Return the record of an endpoint that never came up."""
    settled = replace(record.with_execution(**_AT_REST), status="Failed")
    return settled.with_description(FailureReason=reason[:_LONGEST_REASON])


def unchanged(record: Record, plan: FleetPlan, reason: str) -> Record:
    """Return the record of an endpoint that is as it was before a change."""
    settled = record.with_execution(**_AT_REST, fleet=plan.json())
    status = "UpdateRollbackFailed" if record.execution.get("mixed") else "InService"
    return replace(settled, status=status).with_description(
        FailureReason=reason[:_LONGEST_REASON]
    )


def rolling_back(record: Record, progress: Progress, reason: str) -> Record:
    """Return the record of an endpoint on its way back."""
    turned = replace(record.with_execution(progress=progress.json()))
    return replace(turned, status="RollingBack").with_description(
        FailureReason=reason[:_LONGEST_REASON]
    )


def stranded(record: Record, new: FleetPlan, progress: Progress, why: str) -> Record:
    """Return the record of an endpoint that two configs serve: the way back failed."""
    settled = record.with_execution(
        **_AT_REST, mixed=new.json(), mixed_shares=progress.shares
    )
    reason = f"{record.description.get('FailureReason', '')} The rollback failed: {why}"
    return replace(settled, status="UpdateRollbackFailed").with_description(
        FailureReason=reason.strip()[:_LONGEST_REASON]
    )


def with_plan(record: Record, plan: FleetPlan) -> Record:
    """Return the record with a fleet as it is now, unless it has been replaced."""
    for name in FLEETS:
        kept = record.execution.get(name)
        if kept and kept["id"] == plan.id:
            return record.with_execution(**{name: plan.json()})
    return record


def handles(record: Record) -> set[str]:
    """Return the handle of every instance of an endpoint."""
    kept = [record.execution.get(name) for name in FLEETS]
    plans = [FleetPlan.of_json(each) for each in kept if each]
    return {each.handle for plan in plans for each in plan.instances}
