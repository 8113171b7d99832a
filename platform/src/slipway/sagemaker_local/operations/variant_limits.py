"""What AWS allows of an endpoint's variants that its service model does not say."""

from collections import Counter
from collections.abc import Iterable, Mapping

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.endpoints.plan import FleetPlan

#: A weight is a number of 32 bits; the sum of ten is finite here.
LARGEST_WEIGHT = 3.4028234663852886e38
#: Of one instance type and one endpoint; AWS's quotas are an account's own.
MOST_INSTANCES = 100


def check_weights(
    variants: Iterable[Mapping[str, float]], parts: str, member: str
) -> None:
    """Refuse a weight that is larger than AWS's numbers."""
    for index, variant in enumerate(variants, 1):
        weight = variant.get(member, 0)
        if weight > LARGEST_WEIGHT:
            path = f"{_lower(parts)}.{index}.member.{_lower(member)}"
            raise faults.above(weight, LARGEST_WEIGHT, path)


def check_quota(plan: FleetPlan, serving: FleetPlan | None = None) -> None:
    """Refuse a plan of more instances than one endpoint may have."""
    used = _instances(serving) if serving is not None else Counter()
    for instance_type, count in _instances(plan).items():
        if count > MOST_INSTANCES:
            usage, held = f"{instance_type} for endpoint", used[instance_type]
            raise faults.quota_exceeded(
                usage, quota=MOST_INSTANCES, used=held, more=count - held
            )


def _instances(plan: FleetPlan) -> Counter[str]:
    """Count the instances that a plan is to have, by type."""
    counts: Counter[str] = Counter()
    for each in plan.variants:
        counts[each.instance_type] += each.instance_count
    return counts


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
