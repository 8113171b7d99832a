"""The instances of a fleet: as many as wanted, and healthy."""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock, Thread

from slipway.sagemaker_local.endpoints.instance import (
    STOP_GRACE,
    FleetFaultError,
    Instance,
)
from slipway.sagemaker_local.endpoints.plan import (
    FleetPlan,
    InstancePlan,
    new_instance,
)
from slipway.sagemaker_local.endpoints.steps import Counts
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.faults import StorageFullError
from slipway.sagemaker_local.s3.objects import ObjectStore

_LOG = logging.getLogger(__name__)
#: Seconds before a replacement that failed is tried again; doubled each time.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True)
class Quarters:
    """Where the containers of one endpoint live."""

    executor: Executor
    objects: ObjectStore
    log: Callable[[InstancePlan], Path]
    #: Stores a plan, before an instance of it is created and once one is given up.
    keep: Callable[[FleetPlan], None]
    #: Waits where a test wants a slow start.
    hold: Callable[[], None]
    #: Says of a variant whether a test wants its pings to fail.
    ping_fails: Callable[[str], bool]


class InstanceGroup:
    """Starts, watches, replaces and ends instances; knows nothing of requests."""

    def __init__(
        self,
        plan: FleetPlan,
        quarters: Quarters,
        *,
        ready: Callable[[], None],
        idle: Callable[[Iterable[Instance]], None],
    ) -> None:
        self.plan = plan
        self._quarters = quarters
        #: Told when an instance begins to answer its pings.
        self._ready = ready
        #: Waits until instances that were taken away answer no request any more.
        self._idle = idle
        #: Held while the plan and its instances change.
        self._changing = Lock()
        self.instances = [self._instance(each, True) for each in plan.instances]

    def take_up(self, proven: Counts) -> None:
        """Have the first instances of each variant serve again, however long it takes.

        They were in service under an earlier server; the rest is for `grow_to`.
        """
        for variant, count in proven.items():
            mine = [each for each in self.instances if each.variant.name == variant]
            for instance in mine[:count]:
                instance.attended = True
                self._in_background(self._revive, instance)

    def grow_to(self, counts: Counts, deadline: float | None = None) -> None:
        """Bring variants to so many instances that answer pings; else FleetFaultError.

        The deadline is one of the monotonic clock.
        """
        with self._changing:
            held = self.plan.held
            added = [
                new_instance(variant)
                for variant, count in counts.items()
                for _ in range(count - held[variant])
            ]
            if added:
                self._keep_plan(self.plan.with_more(added))
                self.instances += [self._instance(each) for each in added]
            fresh = [each for each in self.instances if not each.attended]
            for each in fresh:
                each.attended = True
        self._start(fresh, deadline)

    def shrink_to(self, counts: Counts) -> None:
        """Take instances away, the latest first; they drain before they stop."""
        with self._changing:
            leaving = [
                instance
                for variant, count in counts.items()
                for instance in self._least_wanted(variant)[count:]
            ]
            if leaving:
                self._keep_plan(self.plan.without({each.plan for each in leaving}))
            self.instances = [each for each in self.instances if each not in leaving]
            for each in leaving:
                each.leaving.set()
        self._idle(leaving)
        _end_all(leaving, STOP_GRACE)

    def rescale(self, counts: Counts, weights: Mapping[str, float]) -> None:
        """Set what the variants are to have; no instance comes or goes."""
        with self._changing:
            self._keep_plan(self.plan.scaled(counts, weights))

    def retire(self) -> None:
        """Wait for no instance any more, and replace none."""
        with self._changing:
            for each in self.instances:
                each.leaving.set()

    def end(self, grace: float = STOP_GRACE) -> None:
        """Stop and remove every container, all at once."""
        self.retire()
        _end_all(self.instances, grace)

    def _least_wanted(self, variant: str) -> list[Instance]:
        """Return the instances of a variant, those first that are to stay."""
        mine = [each for each in self.instances if each.variant.name == variant]
        return sorted(mine, key=lambda each: (each.leaving.is_set(), not each.ready))

    def _instance(self, plan: InstancePlan, inherited: bool = False) -> Instance:
        variant, quarters = self.plan.variant(plan.variant), self._quarters
        return Instance(
            plan,
            variant,
            quarters.executor,
            quarters.log(plan),
            ping_fails=partial(quarters.ping_fails, variant.name),
            inherited=inherited,
        )

    def _keep_plan(self, plan: FleetPlan) -> None:
        """Change the plan, as soon as the store has it."""
        self._quarters.keep(plan)
        self.plan = plan

    def _start(self, fresh: list[Instance], deadline: float | None) -> None:
        if not fresh:
            return
        with ThreadPoolExecutor(len(fresh)) as pool:
            starts = [pool.submit(self._bring_up, each, deadline) for each in fresh]
            try:
                for start in as_completed(starts):
                    start.result()
            except BaseException:
                for each in fresh:
                    each.leaving.set()
                raise
        for each in fresh:
            self._in_background(self._guard, each)

    def _bring_up(self, instance: Instance, deadline: float | None = None) -> None:
        self._quarters.hold()
        instance.launch(self._quarters.objects)
        instance.wait_until_ready(instance.leaving, deadline)
        self._ready()

    def _revive(self, instance: Instance) -> None:
        try:
            self._bring_up(instance)
        except (FleetFaultError, StorageFullError) as fault:
            _LOG.warning("instance_lost handle=%s: %s", instance.plan.handle, fault)
            self._guard(self._replaced(instance))
        else:
            self._guard(instance)

    def _guard(self, instance: Instance | None) -> None:
        """Replace an instance whenever it breaks, until it is to leave."""
        while instance is not None:
            why = instance.wait_until_broken()
            if not why:
                return
            instance.ready = False
            _LOG.warning("instance_broken handle=%s: %s", instance.plan.handle, why)
            instance = self._replaced(instance)

    def _replaced(self, instance: Instance) -> Instance | None:
        """Return the successor that answers, however many it takes; None: no more."""
        pause = _FIRST_PAUSE
        while True:
            try:
                successor = self._succeeded(instance)
                if successor is None:
                    return None
                previous, instance = instance, successor
                previous.end(grace=0)
                self._bring_up(instance)
            except (FleetFaultError, StorageFullError) as fault:
                _LOG.warning("replacement_failed: %s", fault)
                instance.leaving.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return instance

    def _succeeded(self, old: Instance) -> Instance | None:
        """Put a new instance in the place of another, unless that is to leave."""
        with self._changing:
            if old.leaving.is_set():
                return None
            plan = new_instance(old.plan.variant)
            self._keep_plan(self.plan.replacing(old.plan, plan))
            new = self._instance(plan)
            new.attended = True
            self.instances = [new if each is old else each for each in self.instances]
            return new

    def _in_background(
        self, work: Callable[[Instance], object], instance: Instance
    ) -> None:
        name = instance.plan.handle
        Thread(target=work, args=(instance,), name=name, daemon=True).start()


def _end_all(instances: Iterable[Instance], grace: float) -> None:
    ending = list(instances)
    if not ending:
        return
    with ThreadPoolExecutor(len(ending)) as pool:
        for end in [pool.submit(each.end, grace) for each in ending]:
            end.result()
