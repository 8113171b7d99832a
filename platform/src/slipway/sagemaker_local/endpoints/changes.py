"""What follows from a change of an endpoint: it is done, undone, or stranded."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from slipway.sagemaker_local.endpoints import settlement
from slipway.sagemaker_local.endpoints.deployment import (
    Context,
    Deployment,
    DeploymentFaultError,
    Targets,
)
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.endpoints.strategies import rollback
from slipway.sagemaker_local.endpoints.traffic import LiveEndpoint, fleets
from slipway.sagemaker_local.store import Record

_LOG = logging.getLogger(__name__)
_CRASHED = "InternalServerError: see the local SageMaker server's own log"


class FleetOwner(Protocol):
    """What knows every endpoint and fleet."""

    def settle(self, arn: str, change: Callable[[Record], Record]) -> None:
        """Write how a change goes on or ends."""

    def go_live(self, arn: str, live: LiveEndpoint) -> None:
        """Let an endpoint take requests."""

    def end(self, fleet: Fleet) -> None:
        """Drain and end a fleet that takes no more requests."""


class Change:
    """One change of one endpoint."""

    def __init__(
        self, record: Record, targets: Targets, context: Context, owner: FleetOwner
    ) -> None:
        self._arn, self._name = record.arn, record.name
        self._back = record.status == "RollingBack"
        self._deployment = Deployment(
            Progress.of_json(record.execution["progress"]), targets, context
        )
        self._targets = targets
        self._context = context
        self._owner = owner
        self._over = False

    def run(self) -> None:
        """Carry it to an end; ServerClosingError leaves it to the next server."""
        try:
            self._deployment.run()
        except DeploymentFaultError as fault:
            self._undo(str(fault))
        else:
            self._finish()

    def crash(self) -> None:
        """End it after a fault of the server itself."""
        if not self._over:
            self._undo(_CRASHED)

    def _finish(self) -> None:
        if self._back:
            self._returned()
        elif self._targets.live is None:
            self._created()
        elif self._targets.new is None:
            self._scaled()
        else:
            self._updated()

    def _undo(self, reason: str) -> None:
        targets = self._targets
        _LOG.warning("change_failed arn=%s reason=%s", self._arn, reason)
        if self._back:
            self._stranded(reason)
        elif targets.live is None:
            new = targets.fleet("new")
            self._end_as(partial(settlement.failed, reason=reason))
            self._owner.end(new)
        elif targets.new is None:
            old = targets.fleet("old")
            self._give_up_growth(
                lambda record: settlement.unchanged(record, old.plan, reason)
            )
        else:
            self._turn_back(reason)

    def _turn_back(self, reason: str) -> None:
        old, progress = self._targets.fleet("old"), self._deployment.progress
        steps = rollback(
            progress.config,
            old.plan.desired,
            old.plan.held,
            progress.held.get("new", {}),
        )
        turned = progress.turned_back(steps, time.time())
        self._owner.settle(
            self._arn, lambda record: settlement.rolling_back(record, turned, reason)
        )
        self._back = True
        self._deployment = Deployment(turned, self._targets, self._context)
        self.run()

    def _created(self) -> None:
        new = self._targets.fleet("new")
        self._owner.go_live(self._arn, LiveEndpoint(self._name, new))
        self._end_as(lambda record: settlement.in_service(record, new.plan))

    def _scaled(self) -> None:
        old = self._targets.fleet("old")
        self._end_as(lambda record: settlement.in_service(record, old.plan))

    def _updated(self) -> None:
        new = self._targets.fleet("new")
        self._end_as(lambda record: settlement.in_service(record, new.plan))
        for each in fleets(self._targets.before) if self._targets.before else []:
            self._owner.end(each)

    def _returned(self) -> None:
        old = self._targets.fleet("old")

        def change(record: Record) -> Record:
            reason = record.description.get("FailureReason", "")
            return settlement.unchanged(record, old.plan, reason)

        self._end_as(change)
        self._owner.end(self._targets.fleet("new"))

    def _stranded(self, reason: str) -> None:
        new, progress = self._targets.fleet("new"), self._deployment.progress
        self._give_up_growth(
            lambda record: settlement.stranded(record, new.plan, progress, reason)
        )

    def _give_up_growth(self, change: Callable[[Record], Record]) -> None:
        """Remove what the old fleet has beyond what is known to serve, and end."""
        held = self._deployment.progress.held.get("old", {})
        try:
            self._targets.fleet("old").group.shrink_to(held)
        finally:
            self._end_as(change)

    def _end_as(self, change: Callable[[Record], Record]) -> None:
        self._owner.settle(self._arn, change)
        self._over = True
