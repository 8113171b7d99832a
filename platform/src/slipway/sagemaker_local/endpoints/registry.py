"""Every endpoint of the server: changed, deleted, brought back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread

from slipway.sagemaker_local.endpoints import settlement
from slipway.sagemaker_local.endpoints.alarms import Alarms
from slipway.sagemaker_local.endpoints.changes import Change
from slipway.sagemaker_local.endpoints.deployment import (
    Context,
    ServerClosingError,
    Targets,
)
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.instance_group import Quarters
from slipway.sagemaker_local.endpoints.plan import FleetPlan, InstancePlan
from slipway.sagemaker_local.endpoints.steps import Progress
from slipway.sagemaker_local.endpoints.traffic import (
    LiveEndpoint,
    Traffic,
    fleets,
    split,
)
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.hazards import Hazards
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.store import Record, RecordMissingError, Store

_LOG = logging.getLogger(__name__)
#: Statuses in which another change is refused; those that a change goes through.
IN_PROGRESS = ("Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting")
_CHANGING = ("Creating", "Updating", "RollingBack")
_ALL = (*IN_PROGRESS, "InService", "Failed", "UpdateRollbackFailed")
#: Seconds that containers get at a shutdown before SIGKILL.
SHUTDOWN_GRACE = 5.0


@dataclass(frozen=True)
class Services:
    """What endpoints stand on."""

    store: Store
    executor: Executor
    objects: ObjectStore
    logs: LogFolder
    hazards: Hazards
    alarms: Alarms


class Endpoints:
    """Carries out what the store says of endpoints."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._lock = Lock()
        self._live: dict[str, LiveEndpoint] = {}
        #: By the plan's id: every fleet that has containers, or will.
        self._fleets: dict[str, Fleet] = {}
        self._closing = Event()

    @property
    def alarms(self) -> Alarms:
        """The alarms that may roll an update back."""
        return self._services.alarms

    def live(self, arn: str) -> LiveEndpoint | None:
        """Return an endpoint that serves; None where there is none."""
        return self._live.get(arn)

    def serving(self, plan: FleetPlan) -> dict[str, int]:
        """Return how many instances of each variant of a fleet take requests."""
        fleet = self._fleets.get(plan.id)
        return fleet.serving() if fleet is not None else {}

    def change(self, record: Record) -> None:
        """Carry out a change that the store has as Creating or Updating."""
        live, new = self._live.get(record.arn), self._kept_fleet(record, "pending")
        if live is None:
            self._carry_on(record, Targets(None, None, new, None))
        else:
            self._carry_on(record, Targets(live, live.fleet, new, live.traffic))

    def delete(self, record: Record) -> None:
        """End an endpoint that the store has as Deleting."""
        self._in_background(record, partial(self._delete, record))

    def resume(self) -> None:
        """Take up every endpoint where the last server left it."""
        for record in self._store.having("endpoint", _ALL):
            if record.status == "Deleting":
                self.delete(record)
            elif record.status != "Failed":
                self._restore(record)

    def handles(self) -> set[str]:
        """Return the handle of every instance that the store knows."""
        records = self._store.having("endpoint", _ALL)
        return {each for record in records for each in settlement.handles(record)}

    def shut_down(self) -> None:
        """Stop every container; the next server brings the endpoints up again."""
        self._closing.set()
        with self._lock:
            ending = list(self._fleets.values())
        for fleet in ending:
            fleet.group.retire()
        ends = [
            Thread(target=fleet.group.end, args=(SHUTDOWN_GRACE,), daemon=True)
            for fleet in ending
        ]
        for end in ends:
            end.start()
        for end in ends:
            end.join(SHUTDOWN_GRACE * 3)

    def settle(self, arn: str, change: Callable[[Record], Record]) -> None:
        """Write how a change goes on or ends."""
        self._store.insist(arn, change)

    def go_live(self, arn: str, live: LiveEndpoint) -> None:
        """Let an endpoint take requests."""
        with self._lock:
            self._live[arn] = live

    def end(self, fleet: Fleet) -> None:
        """Drain and end a fleet that takes no more requests."""
        fleet.group.retire()
        fleet.drain()
        fleet.group.end()
        with self._lock:
            self._fleets.pop(fleet.plan.id, None)

    def _carry_on(self, record: Record, targets: Targets) -> None:
        context = Context(
            keep=lambda progress: self.settle(
                record.arn, lambda old: old.with_execution(progress=progress.json())
            ),
            firing=lambda names: (
                self.alarms.firing(record.region, names) if names else []
            ),
            closing=self._closing,
        )
        change = Change(record, targets, context, self)
        self._in_background(record, change.run, change.crash)

    def _restore(self, record: Record) -> None:
        """Bring back what served, and carry on with a change that was under way."""
        old, new = (
            self._kept_fleet(record, "fleet"),
            self._kept_fleet(record, "pending"),
        )
        kept = record.execution.get("progress")
        progress = Progress.of_json(kept) if kept else None
        if old is None:
            self._carry_on(record, Targets(None, None, new, None))
            return
        before = self._before(record, old)
        live = LiveEndpoint(record.name, before)
        old.group.take_up(progress.held["old"] if progress else old.plan.held)
        if progress is not None and new is not None:
            new.group.take_up(progress.held.get("new", {}))
            traffic = split(before, new, progress.shares)
            new.open_to(progress.open if traffic is not new else {})
            live.route(traffic)
        self.go_live(record.arn, live)
        if record.status in _CHANGING:
            self._carry_on(record, Targets(live, old, new, before))

    def _before(self, record: Record, old: Fleet) -> Traffic:
        """Return where requests go but for a change that is under way."""
        mixed = self._kept_fleet(record, "mixed")
        if mixed is None:
            return old
        mixed.group.take_up(mixed.plan.held)
        return split(old, mixed, record.execution["mixed_shares"])

    def _kept_fleet(self, record: Record, name: str) -> Fleet | None:
        content = record.execution.get(name)
        return self._fleet(record, FleetPlan.of_json(content)) if content else None

    def _fleet(self, record: Record, plan: FleetPlan) -> Fleet:
        services = self._services

        def log(instance: InstancePlan) -> Path:
            return services.logs.instance_log(
                record.region,
                record.name,
                variant=instance.variant,
                instance=instance.id,
            )

        def keep(changed: FleetPlan) -> None:
            self._store.change(
                record.arn, lambda old: settlement.with_plan(old, changed)
            )

        quarters = Quarters(
            services.executor,
            services.objects,
            log,
            keep,
            hold=partial(services.hazards.hold, "CreateEndpoint", record.name),
            ping_fails=partial(services.hazards.ping_fails, record.name),
        )
        fleet = Fleet(plan, quarters)
        with self._lock:
            self._fleets[plan.id] = fleet
        return fleet

    def _delete(self, record: Record) -> None:
        with self._lock:
            live = self._live.pop(record.arn, None)
        for fleet in fleets(live.traffic) if live is not None else []:
            self.end(fleet)
        for handle in settlement.handles(record):
            self._services.executor.remove(handle)
        self._store.delete(record.arn)

    def _in_background(
        self,
        record: Record,
        work: Callable[[], None],
        crash: Callable[[], None] = lambda: None,
    ) -> None:
        def run() -> None:
            try:
                work()
            except ServerClosingError:
                _LOG.info("endpoint_left_to_the_next_server arn=%s", record.arn)
            except RecordMissingError:
                _LOG.info("endpoint_gone arn=%s", record.arn)
            except Exception:  # noqa: BLE001  # a thread's entry point: a fault of
                # the server must end the change, and be seen
                _LOG.exception("endpoint_change_crashed arn=%s", record.arn)
                crash()

        Thread(target=run, name=record.name, daemon=True).start()
