"""The rules of a DeploymentConfig, before anything is deployed by it."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.sagemaker_local import deployment_faults
from slipway.sagemaker_local.endpoints.alarms import Alarms
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.endpoints.steps import Activity
from slipway.sagemaker_local.endpoints.strategies import update

Config = Mapping[str, Any]
_ROUTING = "BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
_ROLLING = "RollingUpdatePolicy"
#: The size that a kind of traffic shifting has, and its bounds in percent.
_SIZES: Mapping[str, tuple[str, tuple[int, int]]] = {
    "CANARY": ("CanarySize", (0, 50)),
    "LINEAR": ("LinearStepSize", (10, 50)),
}
_BATCH_BOUNDS, _WHOLE = (5, 50), (0, 100)


def check_config(config: Config, alarms: Alarms, region: str) -> None:
    """Refuse a config that no endpoint could have."""
    if "BlueGreenUpdatePolicy" in config and _ROLLING in config:
        raise deployment_faults.two_update_policies()
    routing = config.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration")
    if routing is not None:
        _check_routing(routing)
    named = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    missing = alarms.missing(region, [each["AlarmName"] for each in named])
    if missing:
        raise deployment_faults.alarms_missing(missing)


def check_fit(config: Config, plan: FleetPlan) -> None:
    """Refuse a config whose sizes or waits do not fit the variants that are to be."""
    if _ROLLING in config and len(plan.variants) > 1:
        raise deployment_faults.rolling_needs_one_variant(len(plan.variants))
    for member, size, bounds in _sizes(config):
        for count in plan.desired.values():
            _check_size(member, size, bounds, count)
    policy = config.get("BlueGreenUpdatePolicy") or config.get(_ROLLING, {})
    limit = policy.get("MaximumExecutionTimeoutInSeconds")
    steps = update(config, plan.desired, plan.desired)
    waits = sum(each.seconds for each in steps if each.activity is Activity.BAKING)
    if limit is not None and waits >= limit:
        raise deployment_faults.waits_too_long(waits, limit)


def check_names(config: Config, old: FleetPlan, new: FleetPlan) -> None:
    """Refuse other variant names, unless all traffic shifts at once and unguarded."""
    routing = config.get("BlueGreenUpdatePolicy", {}).get(
        "TrafficRoutingConfiguration", {}
    )
    at_once = _ROLLING not in config and routing.get("Type") in (None, "ALL_AT_ONCE")
    if at_once and "AutoRollbackConfiguration" not in config:
        return
    if set(old.desired) != set(new.desired):
        raise deployment_faults.other_variants(sorted(old.desired), sorted(new.desired))


def _check_routing(routing: Config) -> None:
    kind = routing["Type"]
    for owner, (member, _) in _SIZES.items():
        if owner == kind and member not in routing:
            raise deployment_faults.size_missing(kind, member)
        if owner != kind and member in routing:
            raise deployment_faults.size_unused(kind, member)


def _sizes(config: Config) -> Iterator[tuple[str, Config, tuple[int, int]]]:
    routing = config.get("BlueGreenUpdatePolicy", {}).get(
        "TrafficRoutingConfiguration", {}
    )
    for member, bounds in _SIZES.values():
        if member in routing:
            yield f"{_ROUTING}.{member}", routing[member], bounds
    rolling = config.get(_ROLLING, {})
    if "MaximumBatchSize" in rolling:
        yield f"{_ROLLING}.MaximumBatchSize", rolling["MaximumBatchSize"], _BATCH_BOUNDS
    if "RollbackMaximumBatchSize" in rolling:
        member = f"{_ROLLING}.RollbackMaximumBatchSize"
        yield member, rolling["RollbackMaximumBatchSize"], _WHOLE


def _check_size(member: str, size: Config, bounds: tuple[int, int], count: int) -> None:
    by_percent = size["Type"] == "CAPACITY_PERCENT"
    percent = size["Value"] if by_percent else 100 * size["Value"] / max(count, 1)
    if not bounds[0] <= percent <= bounds[1]:
        unit = "%" if by_percent else f" instance(s) of {count}"
        raise deployment_faults.size_out_of_bounds(
            member, f"{size['Value']}{unit}", bounds
        )
