"""The containers that serve one endpoint config."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Condition, Event, Lock

from slipway.errors import SlipwayError
from slipway.sagemaker_local.endpoints.instance import (
    INVOCATION_TIMEOUT,
    STOP_GRACE,
    Instance,
)
from slipway.sagemaker_local.endpoints.plan import FleetPlan, InstancePlan
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.s3.objects import ObjectStore


@dataclass(frozen=True)
class Quarters:
    """Where the containers of one endpoint live."""

    executor: Executor
    objects: ObjectStore
    log: Callable[[InstancePlan], Path]
    #: Waits where a test wants a slow start.
    hold: Callable[[], None]
    #: Says of a variant whether a test wants its pings to fail.
    ping_fails: Callable[[str], bool]


class Fleet:
    """Instances by variant, and the choice between them."""

    def __init__(self, plan: FleetPlan, quarters: Quarters) -> None:
        self.plan = plan
        self._quarters = quarters
        self._changed = Condition()
        #: Set when the fleet is to end: what dies then is not replaced.
        self.retired = Event()
        #: Held while an instance is replaced.
        self.repairing = Lock()
        #: Requests that are under way.
        self._users = 0
        self.instances = [self.instance(each) for each in plan.instances]

    def instance(self, plan: InstancePlan) -> Instance:
        """Return a new member, which is not started."""
        variant = self.plan.variant(plan.variant)
        log = self._quarters.log(plan)
        return Instance(
            plan,
            variant,
            self._quarters.executor,
            log,
            ping_fails=partial(self._quarters.ping_fails, variant.name),
        )

    def launch(self, instance: Instance) -> None:
        """Start one instance and wait for its ping; else FleetFaultError."""
        self._quarters.hold()
        instance.launch(self._quarters.objects)
        self.admit(instance)

    def admit(self, instance: Instance) -> None:
        """Let an instance take requests once it answers its ping."""
        instance.wait_until_ready(self.retired)
        with self._changed:
            self._changed.notify_all()

    def launch_all(self) -> None:
        """Start every instance at once and wait for all pings; else FleetFaultError."""
        with ThreadPoolExecutor(len(self.instances)) as pool:
            starts = [pool.submit(self.launch, each) for each in self.instances]
            try:
                for start in as_completed(starts):
                    start.result()
            except SlipwayError:
                self.retired.set()
                raise

    def replace(self, old: Instance, new: Instance) -> None:
        """Put an instance in the place of another."""
        with self._changed:
            self.instances = [new if each is old else each for each in self.instances]
            self.plan = self.plan.replacing(old.plan, new.plan)

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

    def end(self, grace: float = STOP_GRACE) -> None:
        """Stop and remove every container, all at once."""
        self.retired.set()
        with self.repairing, ThreadPoolExecutor(len(self.instances)) as pool:
            for end in [pool.submit(each.end, grace) for each in self.instances]:
                end.result()

    def _ready(self, variant: str) -> list[Instance]:
        return [
            each
            for each in self.instances
            if each.ready and each.variant.name == variant
        ]
