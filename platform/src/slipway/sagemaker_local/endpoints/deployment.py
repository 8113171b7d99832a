"""A change of an endpoint, carried out step by step from where it stands."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

from slipway.errors import SlipwayError
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.instance import FleetFaultError
from slipway.sagemaker_local.endpoints.steps import Activity, Progress, Side, Step
from slipway.sagemaker_local.endpoints.traffic import LiveEndpoint, Traffic, split
from slipway.sagemaker_local.faults import StorageFullError

_LOG = logging.getLogger(__name__)
#: Seconds between two looks at the alarms, and before a step is tried again whose
#: outcome found no space on the disk.
_LOOK_PAUSE, _DISK_PAUSE = 0.25, 1.0


class DeploymentFaultError(SlipwayError):
    """A change cannot go on; the message is the endpoint's FailureReason."""


class ServerClosingError(SlipwayError):
    """The server stops: the next one carries the change on."""


@dataclass(frozen=True)
class Targets:
    """What a change works on."""

    #: What a new fleet takes requests from; None while an endpoint is created.
    live: LiveEndpoint | None
    old: Fleet | None
    #: None while capacities and weights change.
    new: Fleet | None
    #: Where requests went before the change.
    before: Traffic | None

    def fleet(self, side: Side) -> Fleet:
        """Return one of the two fleets."""
        found = self.new if side == "new" else self.old
        if found is None:
            message = f"A step of the change is about a fleet that is not there: {side}"
            raise SlipwayError(message)
        return found


@dataclass(frozen=True)
class Context:
    """What a change reports to and asks."""

    keep: Callable[[Progress], None]
    #: Returns those of some alarms that are in state ALARM.
    firing: Callable[[list[str]], list[str]]
    closing: Event


class Deployment:
    """The steps of one change."""

    def __init__(self, progress: Progress, targets: Targets, context: Context) -> None:
        self._progress = progress
        self._targets = targets
        self._context = context
        self._actions: Mapping[Activity, Callable[[Step], None]] = {
            Activity.CREATING: self._create,
            Activity.ACTIVATING_TRAFFIC: self._activate,
            Activity.BAKING: self._bake,
            Activity.DELETING: self._delete,
            Activity.UPDATING: self._rescale,
        }

    def run(self) -> Progress:
        """Do the steps that are left; else DeploymentFaultError, ServerClosingError."""
        while (step := self._progress.step) is not None:
            try:
                self._check_time()
                self._actions[step.activity](step)
            except FleetFaultError as fault:
                self._check_closing()
                self._check_time()
                raise DeploymentFaultError(str(fault)) from fault
            except StorageFullError as error:
                _LOG.warning("deployment_waits_for_disk: %s", error)
                self._context.closing.wait(_DISK_PAUSE)
            else:
                self._check_closing()
                self._progress = self._progress.after(step, time.time())
                self._context.keep(self._progress)
            self._check_closing()
        return self._progress

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self._progress

    def _create(self, step: Step) -> None:
        self._targets.fleet(step.fleet).group.grow_to(step.counts, self._deadline())

    def _delete(self, step: Step) -> None:
        self._targets.fleet(step.fleet).group.shrink_to(step.counts)

    def _activate(self, step: Step) -> None:
        targets = self._targets
        new = targets.fleet("new")
        if targets.live is None or targets.before is None:
            return
        # With no share at all, what has been sent there is still answered there.
        some = max(step.shares.values()) > 0 and min(step.shares.values()) < 1
        new.open_to(step.counts if some else {})
        targets.live.route(split(targets.before, new, step.shares))

    def _bake(self, step: Step) -> None:
        end = self._progress.since + step.seconds
        while True:
            firing = self._context.firing(self._progress.alarms)
            if firing:
                message = (
                    "The deployment was rolled back: during its baking period these "
                    f"alarms went into ALARM: {', '.join(firing)}."
                )
                raise DeploymentFaultError(message)
            left = end - time.time()
            if left <= 0:
                return
            self._context.closing.wait(min(left, _LOOK_PAUSE))
            self._check_closing()
            self._check_time()

    def _rescale(self, step: Step) -> None:
        fleet = self._targets.fleet(step.fleet)
        fleet.group.grow_to(step.counts)
        fleet.group.rescale(step.counts, step.weights)
        fleet.group.shrink_to(step.counts)

    def _check_closing(self) -> None:
        if self._context.closing.is_set():
            message = "The server is shutting down"
            raise ServerClosingError(message)

    def _check_time(self) -> None:
        limit = self._progress.limit
        if limit is not None and time.time() >= self._progress.began_at + limit:
            message = (
                "The deployment was rolled back: it did not end within "
                f"MaximumExecutionTimeoutInSeconds of {limit} seconds."
            )
            raise DeploymentFaultError(message)

    def _deadline(self) -> float | None:
        """Return when a change must end, by the monotonic clock."""
        limit = self._progress.limit
        if limit is None:
            return None
        return time.monotonic() + self._progress.began_at + limit - time.time()
