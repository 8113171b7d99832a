"""The steps of a change of an endpoint, as data, and how far it has come."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Self

Counts = Mapping[str, int]
Shares = Mapping[str, float]
Side = Literal["old", "new"]


class Activity(StrEnum):
    """What a step does: SageMaker's VariantStatus."""

    CREATING = "Creating"
    ACTIVATING_TRAFFIC = "ActivatingTraffic"
    BAKING = "Baking"
    DELETING = "Deleting"
    UPDATING = "Updating"


@dataclass(frozen=True)
class Step:
    """One thing to do; doing it twice is as doing it once."""

    activity: Activity
    #: By variant. Creating, Deleting, Updating: how many instances the fleet is to have;
    #: ActivatingTraffic, Baking: how many of the new fleet's instances take requests.
    counts: Counts
    fleet: Side = "new"
    #: ActivatingTraffic: of a variant's requests, the part that the new fleet takes.
    shares: Shares = field(default_factory=dict)
    #: Updating: of the variants whose weight changes.
    weights: Mapping[str, float] = field(default_factory=dict)
    #: Baking: how long, and the member of the policy that says so.
    seconds: int = 0
    wait: str = ""
    #: ActivatingTraffic, Baking: what AWS calls the part, such as `canary`.
    capacity: str = "full"

    def message(self, variant: str, held: Counts) -> str:
        """Return AWS's StatusMessage, given what the step's fleet had before."""
        count = self.counts.get(variant, 0)
        before = held.get(variant, 0)
        match self.activity:
            case Activity.CREATING:
                return f"Launching {max(count - before, 0)} instance(s)."
            case Activity.DELETING:
                return f"Terminating {max(before - count, 0)} instance(s)."
            case Activity.ACTIVATING_TRAFFIC:
                return (
                    f"Activating traffic on {self.capacity} capacity of {count} "
                    "instance(s)."
                )
            case Activity.BAKING:
                return (
                    f"Baking for {self.seconds} seconds ({self.wait}) with traffic "
                    f"enabled on {self.capacity} capacity of {count} instance(s)."
                )
            case Activity.UPDATING if variant not in self.counts:
                return f"Updating desired weight to {self.weights[variant]:g}."
            case Activity.UPDATING:
                way = "in" if count < before else "out"
                return f"Scaling {way} desired instance count to {count}."


@dataclass(frozen=True)
class Progress:
    """How far a change has come, as the store keeps it."""

    steps: tuple[Step, ...]
    #: Seconds since the epoch: the change, and its current step.
    began_at: float
    since: float
    #: How many steps are done.
    position: int = 0
    #: What the finished steps left each fleet with.
    held: Mapping[Side, Counts] = field(default_factory=dict)
    #: The part of each variant's requests that the new fleet takes, and how many of
    #: its instances do.
    shares: Shares = field(default_factory=dict)
    open: Counts = field(default_factory=dict)
    #: The DeploymentConfig that the steps are from.
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what `json` made."""
        steps = tuple(
            Step(**{**each, "activity": Activity(each["activity"])})
            for each in content["steps"]
        )
        return cls(**{**content, "steps": steps})

    def json(self) -> dict[str, Any]:
        """Return the progress as the store keeps it."""
        return asdict(self)

    @property
    def step(self) -> Step | None:
        """The step that is to be done next; None where all are done."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    @property
    def alarms(self) -> list[str]:
        """The alarms that roll the change back."""
        rollback = self.config.get("AutoRollbackConfiguration", {})
        return [each["AlarmName"] for each in rollback.get("Alarms", [])]

    @property
    def limit(self) -> int | None:
        """MaximumExecutionTimeoutInSeconds; None where there is none."""
        policies = ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
        for policy in (self.config.get(name, {}) for name in policies):
            if "MaximumExecutionTimeoutInSeconds" in policy:
                return int(policy["MaximumExecutionTimeoutInSeconds"])
        return None

    def after(self, step: Step, now: float) -> "Progress":
        """Return the progress once its current step is done."""
        held = dict(self.held)
        if step.activity in (Activity.CREATING, Activity.DELETING, Activity.UPDATING):
            held[step.fleet] = {**held.get(step.fleet, {}), **step.counts}
        done = replace(self, position=self.position + 1, since=now, held=held)
        if step.activity is Activity.ACTIVATING_TRAFFIC:
            return replace(done, shares=step.shares, open=step.counts)
        return done

    def turned_back(self, steps: tuple[Step, ...], now: float) -> "Progress":
        """Return the progress of a rollback: no alarm and no time-out ends it."""
        return replace(self, steps=steps, position=0, since=now, config={})
