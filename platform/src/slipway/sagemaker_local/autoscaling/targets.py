"""Scalable targets and their policies, as the store keeps them."""

import time

from slipway.sagemaker_local.autoscaling.activities import ended
from slipway.sagemaker_local.autoscaling.faults import variants_are_scaled
from slipway.sagemaker_local.autoscaling.resources import (
    NO_STATUS,
    POLICY,
    TARGET,
    Variant,
)
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.store import Record, Store

_DEREGISTERED = "the scalable target was deregistered meanwhile"
#: Of a fleet that serves, and of the one that is to.
Plans = tuple[FleetPlan, FleetPlan]


def variant_of(record: Record) -> Variant:
    """Return the variant that a target, a policy or an activity is about."""
    return Variant.of(record.region, record.description["ResourceId"])


def targets(store: Store) -> list[Record]:
    """Return every scalable target of every region."""
    return store.having(TARGET, (NO_STATUS,))


def policies(store: Store, variant: Variant) -> list[Record]:
    """Return the policies of a scalable target."""
    return [
        record
        for record in store.having(POLICY, (NO_STATUS,))
        if variant_of(record).target_arn == variant.target_arn
    ]


def deregister(store: Store, variant: Variant) -> list[Record]:
    """Remove a scalable target and its policies, which are returned."""
    with store.together():
        removed = policies(store, variant)
        for policy in removed:
            store.delete(policy.arn)
        target = store.get(variant.target_arn)
        store.delete(variant.target_arn)
        activity = target.execution.get("activity") if target is not None else None
        if activity is not None:
            store.change(activity, lambda old: ended(old, time.time(), _DEREGISTERED))
    return removed


def forget_endpoint(store: Store, region: str, endpoint: str) -> list[Record]:
    """Deregister the variants of an endpoint that is deleted; return their policies."""
    variants = of_endpoint(store, region, endpoint)
    return [policy for each in variants for policy in deregister(store, each)]


def check_kept(store: Store, region: str, endpoint: str, plans: Plans) -> None:
    """Refuse an update that removes a scaled variant or changes its instances."""
    before, after = (
        {each.name: each.instance_type for each in plan.variants} for plan in plans
    )
    scaled = {each.name for each in of_endpoint(store, region, endpoint)}
    lost = [
        name for name in before if name in scaled and after.get(name) != before[name]
    ]
    if lost:
        raise variants_are_scaled(lost)


def of_endpoint(store: Store, region: str, endpoint: str) -> list[Variant]:
    """Return the variants of an endpoint that are scalable targets."""
    wanted = Variant(region, endpoint, "").endpoint_arn
    variants = (variant_of(record) for record in targets(store))
    return [each for each in variants if each.endpoint_arn == wanted]
