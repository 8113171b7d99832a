"""Update policies as steps: pure functions of the policy and the fleets' sizes."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.sagemaker_local.endpoints.steps import Activity, Counts, Shares, Step

Policy = Mapping[str, Any]
#: What SageMaker does where no policy is given.
ALL_AT_ONCE: Policy = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "ALL_AT_ONCE",
            "WaitIntervalInSeconds": 0,
        }
    }
}
_WAIT, _TERMINATION = "WaitIntervalInSeconds", "TerminationWaitInSeconds"


def creation(counts: Counts) -> tuple[Step, ...]:
    """Return the steps of a new endpoint."""
    return (Step(Activity.CREATING, counts),)


def scaling(counts: Counts, weights: Mapping[str, float]) -> tuple[Step, ...]:
    """Return the steps to other capacities and weights of the fleet that serves."""
    return (Step(Activity.UPDATING, counts, "old", weights=weights),)


def update(config: Policy, old: Counts, new: Counts) -> tuple[Step, ...]:
    """Return the steps of an update, from the instances that are to those that come."""
    if "RollingUpdatePolicy" in config:
        return tuple(_rolling(config["RollingUpdatePolicy"], old, new))
    policy = config.get("BlueGreenUpdatePolicy", ALL_AT_ONCE["BlueGreenUpdatePolicy"])
    return tuple(_blue_green(policy, new))


def rollback(
    config: Policy, old: Counts, held: Counts, new: Counts
) -> tuple[Step, ...]:
    """Return the steps back to `old` instances, from those that are held."""
    size = config.get("RollingUpdatePolicy", {}).get("RollbackMaximumBatchSize")
    return tuple(_back(size, old, held, new))


def instances(size: Policy, total: int) -> int:
    """Return how many of so many instances a CapacitySize means: one at least."""
    if size["Type"] == "INSTANCE_COUNT":
        return min(int(size["Value"]), total)
    return max(1, math.ceil(total * int(size["Value"]) / 100))


def fraction(size: Policy, total: int) -> float:
    """Return the part of so many instances that a CapacitySize means, up to 1.0."""
    whole = total if size["Type"] == "INSTANCE_COUNT" else 100
    return min(1.0, float(size["Value"]) / max(whole, 1))


def _blue_green(policy: Policy, new: Counts) -> Iterator[Step]:
    routing = policy["TrafficRoutingConfiguration"]
    stages = _stages(routing, new)
    yield Step(Activity.CREATING, new)
    for number, shares in enumerate(stages, start=1):
        final = number == len(stages)
        part = "full" if final else routing["Type"].lower()
        counts = _open(shares, new)
        yield Step(Activity.ACTIVATING_TRAFFIC, counts, shares=shares, capacity=part)
        wait = _TERMINATION if final else _WAIT
        seconds = (policy if final else routing).get(wait, 0)
        yield Step(Activity.BAKING, counts, seconds=seconds, wait=wait, capacity=part)


def _stages(routing: Policy, new: Counts) -> list[Shares]:
    """Return the parts of the traffic, stage by stage; the last is all of it."""
    everything = dict.fromkeys(new, 1.0)
    if routing["Type"] == "CANARY":
        canary = {name: fraction(routing["CanarySize"], n) for name, n in new.items()}
        return [canary, everything]
    if routing["Type"] == "LINEAR":
        size = routing["LinearStepSize"]
        parts = {name: fraction(size, n) for name, n in new.items()}
        # A third three times is all, whatever the floats add up to.
        times = math.ceil(round(1 / min(parts.values()), 6))
        steps = range(1, times)
        return [
            *(
                {name: min(1.0, n * part) for name, part in parts.items()}
                for n in steps
            ),
            everything,
        ]
    return [everything]


def _rolling(policy: Policy, old: Counts, new: Counts) -> Iterator[Step]:
    [(name, total)] = new.items()
    batch = instances(policy["MaximumBatchSize"], total)
    for batch_end in range(batch, total + batch, batch):
        count = min(batch_end, total)
        counts, final = {name: count}, count == total
        left = {name: 0 if final else max(0, old.get(name, 0) - count)}
        part = "full" if final else "partial"
        yield Step(Activity.CREATING, counts)
        shares = {name: count / total}
        yield Step(Activity.ACTIVATING_TRAFFIC, counts, shares=shares, capacity=part)
        seconds = policy[_WAIT]
        yield Step(Activity.BAKING, counts, seconds=seconds, wait=_WAIT, capacity=part)
        if not final:
            yield Step(Activity.DELETING, left, "old")


def _back(
    size: Policy | None, old: Counts, held: Counts, new: Counts
) -> Iterator[Step]:
    """Yield batches while the old fleet is incomplete; then all traffic goes there."""
    current = dict(held)
    while any(current.get(name, 0) < count for name, count in old.items()):
        for name, count in old.items():
            batch = instances(size, count) if size is not None else count
            current[name] = min(count, current.get(name, 0) + batch)
        yield Step(Activity.CREATING, dict(current), "old")
        left = {name: 1 - current[name] / max(old[name], 1) for name in old}
        if any(left.values()):
            counts = {n: math.ceil(left[n] * new.get(n, 0)) for n in old}
            yield Step(
                Activity.ACTIVATING_TRAFFIC, counts, shares=left, capacity="partial"
            )
            yield Step(Activity.DELETING, counts)
    nothing = dict.fromkeys(old, 0.0)
    none = dict.fromkeys(old, 0)
    yield Step(Activity.ACTIVATING_TRAFFIC, none, shares=nothing, capacity="full")


def _open(shares: Shares, counts: Counts) -> Counts:
    """Return how many instances take so much traffic: one at least."""
    return {
        name: max(1, math.ceil(round(shares[name] * count, 6)))
        for name, count in counts.items()
    }
