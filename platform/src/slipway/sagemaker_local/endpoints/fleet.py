"""The containers that serve one endpoint config, and the choice between them."""

import contextlib
import random
import time
from collections.abc import Iterable, Iterator
from threading import Condition

from slipway.sagemaker_local.endpoints.instance import INVOCATION_TIMEOUT, Instance
from slipway.sagemaker_local.endpoints.instance_group import InstanceGroup, Quarters
from slipway.sagemaker_local.endpoints.plan import FleetPlan
from slipway.sagemaker_local.endpoints.steps import Counts


class Fleet:
    """Lends instances to requests."""

    def __init__(self, plan: FleetPlan, quarters: Quarters) -> None:
        self._changed = Condition()
        #: Requests that are under way.
        self._users = 0
        #: How many instances of each variant take requests, where not all do.
        self._open: Counts = {}
        self.group = InstanceGroup(
            plan, quarters, ready=self._wake, idle=self._wait_for_idle
        )

    @property
    def plan(self) -> FleetPlan:
        """What the fleet is to be, with its instances as they are."""
        return self.group.plan

    def serving(self) -> dict[str, int]:
        """Return how many instances of each variant take requests."""
        return {each.name: len(self._ready(each.name)) for each in self.plan.variants}

    def open_to(self, counts: Counts) -> None:
        """Let so many instances of each variant take requests; no counts: all."""
        self._open = counts

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

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _wait_for_idle(self, leaving: Iterable[Instance]) -> None:
        """Wait until instances answer nothing, at most as long as an answer may take."""
        with self._changed:
            self._changed.wait_for(
                lambda: not any(each.in_flight for each in leaving),
                INVOCATION_TIMEOUT + 1,
            )

    def _ready(self, variant: str) -> list[Instance]:
        ready = [
            each
            for each in self.group.instances
            if each.ready and each.variant.name == variant
        ]
        return ready[: self._open[variant]] if variant in self._open else ready
