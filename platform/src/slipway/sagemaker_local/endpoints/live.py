"""An endpoint that serves: its current fleet, kept complete."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from threading import Lock, Thread

from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.instance import FleetFaultError, Instance
from slipway.sagemaker_local.endpoints.plan import FleetPlan, new_instance
from slipway.sagemaker_local.faults import StorageFullError

_LOG = logging.getLogger(__name__)
#: Seconds before a replacement that failed is tried again; doubled each time.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


class LiveEndpoint:
    """Routes requests to the current fleet, and replaces instances that die."""

    def __init__(
        self, arn: str, fleet: Fleet, record: Callable[[FleetPlan], None]
    ) -> None:
        self.arn = arn
        self._fleet = fleet
        #: Stores the plan of the current fleet before an instance of it is created.
        self._record = record
        self._lock = Lock()
        self._watch(fleet)

    @property
    def fleet(self) -> Fleet:
        """The fleet that takes the traffic."""
        return self._fleet

    @contextlib.contextmanager
    def using(self) -> Iterator[Fleet]:
        """Lend the current fleet, which does not end meanwhile."""
        with self._lock:
            fleet = self._fleet
            fleet.enter()
        try:
            yield fleet
        finally:
            fleet.leave()

    def shift(self, fleet: Fleet) -> Fleet:
        """Give all traffic to another fleet at once, and return the one before."""
        with self._lock:
            before, self._fleet = self._fleet, fleet
        self._watch(fleet)
        return before

    def restore(self) -> None:
        """Bring the fleet of an earlier server back, instance by instance."""
        for instance in self._fleet.instances:
            arguments = (self._fleet, instance)
            Thread(target=self._restore, args=arguments, daemon=True).start()

    def _watch(self, fleet: Fleet) -> None:
        for instance in fleet.instances:
            if instance.ready:
                arguments = (fleet, instance)
                Thread(target=self._guard, args=arguments, daemon=True).start()

    def _restore(self, fleet: Fleet, instance: Instance) -> None:
        if instance.attach():
            try:
                fleet.admit(instance)
            except FleetFaultError as fault:
                _LOG.warning("instance_lost arn=%s reason=%s", self.arn, fault)
        if not instance.ready:
            instance = self._replaced(fleet, instance)
        self._guard(fleet, instance)

    def _guard(self, fleet: Fleet, instance: Instance) -> None:
        """Replace an instance whenever it ends, until the fleet is to end."""
        while not fleet.retired.is_set():
            condition = instance.wait_until_over()
            instance.ready = False
            if fleet.retired.is_set():
                return
            _LOG.warning(
                "instance_died arn=%s handle=%s exit_code=%s",
                self.arn,
                instance.plan.handle,
                condition.exit_code,
            )
            instance = self._replaced(fleet, instance)

    def _replaced(self, fleet: Fleet, instance: Instance) -> Instance:
        """Return the successor that answers, however many it takes."""
        pause = _FIRST_PAUSE
        while not fleet.retired.is_set():
            successor = fleet.instance(new_instance(instance.plan.variant))
            try:
                with fleet.repairing:
                    if fleet.retired.is_set():
                        break
                    fleet.replace(instance, successor)
                    self._record(fleet.plan)
                    instance.end(grace=0)
                    instance = successor
                    fleet.launch(successor)
            except (FleetFaultError, StorageFullError) as fault:
                _LOG.warning("replacement_failed arn=%s reason=%s", self.arn, fault)
                fleet.retired.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return successor
        return instance
