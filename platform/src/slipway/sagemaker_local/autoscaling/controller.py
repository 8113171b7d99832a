"""What makes scalable targets follow their policies, in the background."""

import logging
import time
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import Any, Protocol

from slipway.sagemaker_local.autoscaling.activities import (
    ended,
    forget_old,
    new_activity,
)
from slipway.sagemaker_local.autoscaling.decision import (
    Capacity,
    Change,
    Policy,
    decide,
)
from slipway.sagemaker_local.autoscaling.metrics import datapoints, tracked
from slipway.sagemaker_local.autoscaling.resources import Variant
from slipway.sagemaker_local.autoscaling.targets import (
    policies,
    targets,
    variant_of,
)
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.store import Record, RecordMissingError, Store

_LOG = logging.getLogger(__name__)
#: Seconds between two looks, at most.
_PAUSE = 0.5
_DEFAULT_COOLDOWN = 300
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


class Capacities(Protocol):
    """The instance counts of variants."""

    def set_desired_count(self, variant: Variant, count: int) -> None:
        """Begin to give a variant so many instances; AwsError where it cannot be."""


class Controller:
    """Looks at every scalable target, and sets the counts that its policies want."""

    def __init__(
        self,
        store: Store,
        cloudwatch: CloudWatch,
        capacities: Capacities,
        *,
        period: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._cloudwatch = cloudwatch
        self._capacities = capacities
        #: Of a datapoint, in seconds.
        self._period = period
        #: Seconds since the epoch.
        self._clock = clock
        #: No data of the time before is no sign of rest.
        self._began = clock()
        #: The period in which policies were last asked.
        self._asked = 0
        self._over = Event()
        self._thread = Thread(target=self._run, name="auto-scaling", daemon=True)

    def start(self) -> None:
        """Look again and again, until the end."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Look at each target once; policies are asked once in each period."""
        period = int(self._clock()) // self._period
        is_due, self._asked = period != self._asked, period
        if is_due:
            self._cloudwatch.watch.settle()
        for target in targets(self._store):
            try:
                self._review(target, is_due=is_due)
            except RecordMissingError:
                _LOG.info("scalable_target_gone arn=%s", target.arn)

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            try:
                self.look()
            except Exception:  # noqa: BLE001  # a thread's entry point: a fault must
                # not end all scaling, and be seen
                _LOG.exception("scaling_crashed")

    def _review(self, target: Record, *, is_due: bool) -> None:
        variant = variant_of(target)
        endpoint = self._store.get(variant.endpoint_arn)
        if endpoint is None or endpoint.status != "InService":
            return
        plan = FleetPlan.of_json(endpoint.execution["fleet"])
        if variant.name not in {each.name for each in plan.variants}:
            return
        current = plan.variant(variant.name).instance_count
        if target.execution.get("activity"):
            self._finish(target, current, endpoint.description.get("FailureReason"))
        elif target.execution["unbounded"]:
            self._bound(target, variant, current)
        elif is_due:
            change = decide(
                self._policies(target, variant), self._capacity(target, current)
            )
            if change is not None:
                self._follow(target, variant, current, change)

    def _policies(self, target: Record, variant: Variant) -> list[Policy]:
        since = max(self._began, target.created_at)
        return [
            self._policy(each, variant, since)
            for each in policies(self._store, variant)
        ]

    def _policy(self, record: Record, variant: Variant, since: float) -> Policy:
        configuration = record.description[_CONFIGURATION]
        return Policy(
            name=record.name,
            target=configuration["TargetValue"],
            datapoints=datapoints(
                self._cloudwatch.metrics,
                tracked(variant, configuration),
                period=self._period,
                now=self._clock(),
                since=since,
            ),
            scale_out_cooldown=configuration.get("ScaleOutCooldown", _DEFAULT_COOLDOWN),
            scale_in_cooldown=configuration.get("ScaleInCooldown", _DEFAULT_COOLDOWN),
            disable_scale_in=configuration.get("DisableScaleIn", False),
        )

    def _capacity(self, target: Record, current: int) -> Capacity:
        known, suspended = target.description, target.description["SuspendedState"]
        last: Mapping[str, Any] = target.execution.get("last") or {}
        since = self._clock() - last["ended_at"] if last else None
        return Capacity(
            current=current,
            least=known["MinCapacity"],
            most=known["MaxCapacity"],
            scale_in_suspended=suspended["DynamicScalingInSuspended"],
            scale_out_suspended=suspended["DynamicScalingOutSuspended"],
            since_out=since if last.get("side") == "High" else None,
            since_in=since if last.get("side") == "Low" else None,
            before_out=last.get("before", current),
        )

    def _bound(self, target: Record, variant: Variant, current: int) -> None:
        """Bring a count within the bounds that were registered."""
        least, most = bounds = _bounds(target)
        wanted, begun = min(max(current, least), most), True
        if wanted != current:
            side = "minimum" if current < least else "maximum"
            cause = f"{side} capacity was set to {wanted}"
            begun = self._begin(target, variant, wanted, cause)
        # Other bounds may have been registered meanwhile.
        self._store.change(
            target.arn,
            lambda old: old.with_execution(
                unbounded=not begun or _bounds(old) != bounds
            ),
        )

    def _follow(
        self, target: Record, variant: Variant, current: int, change: Change
    ) -> None:
        alarm = variant.alarm(change.policy, change.side)
        cause = f"monitor alarm {alarm} in state ALARM triggered policy {change.policy}"
        last = {"side": change.side, "before": current, "ended_at": self._clock()}
        self._begin(target, variant, change.capacity, cause, last=last)

    def _begin(
        self,
        target: Record,
        variant: Variant,
        capacity: int,
        cause: str,
        last: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write what is to be done, then do it; False where it is refused."""
        now = self._clock()
        activity = new_activity(variant, capacity, cause, now)
        with self._store.together():
            forget_old(self._store, now)
            self._store.create(activity, {})
            self._store.change(
                target.arn,
                lambda old: old.with_execution(activity=activity.arn, last=last),
            )
        _LOG.info(
            "scaling resource=%s capacity=%d cause=%s",
            variant.resource_id,
            capacity,
            cause,
        )
        try:
            self._capacities.set_desired_count(variant, capacity)
        except AwsError as error:
            self._end(target, activity.arn, str(error))
            return False
        return True

    def _finish(self, target: Record, current: int, reason: str | None) -> None:
        """Say how the change under way ended, once the endpoint is in service again."""
        arn = target.execution["activity"]
        activity = self._store.get(arn)
        wanted = activity.execution["capacity"] if activity is not None else current
        why = reason or f"the variant has {current} instances"
        self._end(target, arn, None if current == wanted else why)

    def _end(self, target: Record, activity: str, fault: str | None) -> None:
        now = self._clock()

        def change(record: Record) -> Record:
            last = record.execution.get("last")
            kept = {**last, "ended_at": now} if last else None
            return record.with_execution(activity=None, last=kept)

        with self._store.together():
            self._store.change(activity, lambda old: ended(old, now, fault))
            self._store.change(target.arn, change)


def _bounds(target: Record) -> tuple[int, int]:
    known = target.description
    return known["MinCapacity"], known["MaxCapacity"]
