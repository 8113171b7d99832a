"""The containers that serve one endpoint config: as many as wanted, and healthy."""

import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Condition, Event, Lock, Thread

from slipway.sagemaker_local.endpoints.instance import (
    INVOCATION_TIMEOUT,
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


class Fleet:
    """Instances by variant, and the choice between them."""

    def __init__(self, plan: FleetPlan, quarters: Quarters) -> None:
        self.plan = plan
        self._quarters = quarters
        #: Set when the fleet is to end: what dies then is not replaced.
        self.retired = Event()
        self._changed = Condition()
        #: Held while the plan and its instances change.
        self._staffing = Lock()
        #: Requests that are under way.
        self._users = 0
        #: How many instances of each variant take requests, where not all do.
        self._open: Counts = {}
        self.instances = [self._instance(each, True) for each in plan.instances]

    def serving(self) -> dict[str, int]:
        """Return how many instances of each variant take requests."""
        return {each.name: len(self._ready(each.name)) for each in self.plan.variants}

    def open_to(self, counts: Counts) -> None:
        """Let so many instances of each variant take requests; no counts: all."""
        self._open = counts

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
        with self._staffing:
            held = self.plan.held
            added = [
                new_instance(variant)
                for variant, count in counts.items()
                for _ in range(count - held[variant])
            ]
            if added:
                self._staff(self.plan.with_more(added))
                self.instances += [self._instance(each) for each in added]
            fresh = [each for each in self.instances if not each.attended]
            for each in fresh:
                each.attended = True
        self._start(fresh, deadline)

    def shrink_to(self, counts: Counts) -> None:
        """Take instances away, the latest first; they drain before they stop."""
        with self._staffing:
            leaving = [
                instance
                for variant, count in counts.items()
                for instance in self._least_wanted(variant)[count:]
            ]
            if leaving:
                self._staff(self.plan.without({each.plan for each in leaving}))
            self.instances = [each for each in self.instances if each not in leaving]
            for each in leaving:
                each.leaving.set()
        with self._changed:
            idle = lambda: not any(each.in_flight for each in leaving)  # one use
            self._changed.wait_for(idle, INVOCATION_TIMEOUT + 1)
        _end_all(leaving, STOP_GRACE)

    def rescale(self, counts: Counts, weights: Mapping[str, float]) -> None:
        """Set what the variants are to have; no instance comes or goes."""
        with self._staffing:
            self._staff(self.plan.scaled(counts, weights))

    @contextlib.contextmanager
    def chosen(self, variant: str, patience: float) -> Iterator[Instance | None]:
        """Lend the least busy instance of a variant; None if none is ready in time."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not (ready := self._ready(variant)):
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            least = min((each.in_flight for each in ready), default=0)
            choice = [each for each in ready if each.in_flight == least]
            instance = random.choice(choice) if choice else None  # noqa: S311  # balance
            if instance is not None:
                instance.in_flight += 1
        try:
            yield instance
        finally:
            if instance is not None:
                with self._changed:
                    instance.in_flight -= 1
                    self._changed.notify_all()

    def any_variant(self) -> str:
        """Return a variant, each as often as its weight says."""
        names = [each.name for each in self.plan.variants]
        weights = [each.weight for each in self.plan.variants]
        if not any(weights):
            weights = [1.0] * len(names)
        return random.choices(names, weights)[0]  # noqa: S311  # balance

    def ready_count(self, variant: str) -> int:
        """Return how many instances of a variant take requests."""
        return len(self._ready(variant))

    def enter(self) -> None:
        """Count a request in."""
        with self._changed:
            self._users += 1

    def leave(self) -> None:
        """Count a request out."""
        with self._changed:
            self._users -= 1
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until no request is under way, at most as long as one may take."""
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0, INVOCATION_TIMEOUT + 1)

    def retire(self) -> None:
        """Wait for no instance any more, and replace none."""
        self.retired.set()
        with self._staffing:
            for each in self.instances:
                each.leaving.set()

    def end(self, grace: float = STOP_GRACE) -> None:
        """Stop and remove every container, all at once."""
        self.retire()
        _end_all(self.instances, grace)

    def _ready(self, variant: str) -> list[Instance]:
        ready = [
            each
            for each in self.instances
            if each.ready and each.variant.name == variant
        ]
        return ready[: self._open[variant]] if variant in self._open else ready

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

    def _staff(self, plan: FleetPlan) -> None:
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
        with self._changed:
            self._changed.notify_all()

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
        with self._staffing:
            if old.leaving.is_set():
                return None
            plan = new_instance(old.plan.variant)
            self._staff(self.plan.replacing(old.plan, plan))
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
