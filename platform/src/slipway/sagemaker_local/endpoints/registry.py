"""Every endpoint of the server: created, updated, deleted, brought back."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock, Thread

from slipway.sagemaker_local.endpoints.fleet import Fleet, Quarters
from slipway.sagemaker_local.endpoints.instance import FleetFaultError
from slipway.sagemaker_local.endpoints.live import LiveEndpoint
from slipway.sagemaker_local.endpoints.plan import FleetPlan, InstancePlan
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.hazards import Hazards
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.store import Record, RecordMissingError, Store

_LOG = logging.getLogger(__name__)
#: Statuses in which another change is refused.
IN_PROGRESS = ("Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting")
_ALL = (*IN_PROGRESS, "InService", "Failed")
_LONGEST_REASON = 1024
_CRASHED = "InternalServerError: see the local SageMaker server's own log"
#: Seconds that containers get at a shutdown before SIGKILL.
SHUTDOWN_GRACE = 5.0


class Endpoints:
    """Carries out what the store says of endpoints."""

    def __init__(
        self,
        store: Store,
        *,
        executor: Executor,
        objects: ObjectStore,
        logs: LogFolder,
        hazards: Hazards,
    ) -> None:
        self._store = store
        self._executor = executor
        self._objects = objects
        self._logs = logs
        self._hazards = hazards
        self._lock = Lock()
        self._live: dict[str, LiveEndpoint] = {}
        self._starting: set[Fleet] = set()
        self._closing = False

    def live(self, arn: str) -> LiveEndpoint | None:
        """Return an endpoint that serves; None where there is none."""
        return self._live.get(arn)

    def create(self, record: Record) -> None:
        """Bring up an endpoint that the store has as Creating."""
        self._in_background(self._create, record)

    def update(self, record: Record) -> None:
        """Carry out an update that the store has as Updating."""
        self._in_background(self._update, record)

    def delete(self, record: Record) -> None:
        """End an endpoint that the store has as Deleting."""
        self._in_background(self._delete, record)

    def resume(self) -> None:
        """Take up every endpoint where the last server left it."""
        for record in self._store.having("endpoint", _ALL):
            if "fleet" in record.execution and record.status != "Deleting":
                self._restore(record)
            if record.status == "Creating":
                self.create(self._renewed(record))
            elif record.status == "Updating":
                self.update(self._renewed(record))
            elif record.status == "RollingBack":
                reason = record.description.get("FailureReason", "")
                self._rolled_back(record.arn, reason)
            elif record.status == "Deleting":
                self.delete(record)

    def handles(self) -> set[str]:
        """Return the handle of every instance that the store knows."""
        records = self._store.having("endpoint", _ALL)
        return {handle for record in records for handle in _handles(record)}

    def shut_down(self) -> None:
        """Stop every container; the next server brings the endpoints up again."""
        self._closing = True
        with self._lock:
            fleets = {live.fleet for live in self._live.values()} | self._starting
        for fleet in fleets:
            fleet.retired.set()
        ends = [
            Thread(target=fleet.end, args=(SHUTDOWN_GRACE,), daemon=True)
            for fleet in fleets
        ]
        for end in ends:
            end.start()
        for end in ends:
            end.join(SHUTDOWN_GRACE * 3)

    def _create(self, record: Record) -> None:
        fleet = self._fleet(record, "pending")
        fault = self._launched(fleet)
        if self._closing:
            return
        if fault is not None:
            fleet.end(grace=0)
            self._settle(record.arn, "Failed", FailureReason=fault)
            return
        self._go_live(record, fleet)
        self._settle(record.arn, "InService", fleet=fleet)

    def _update(self, record: Record) -> None:
        live, fleet = self._live[record.arn], self._fleet(record, "pending")
        fault = self._launched(fleet)
        if self._closing:
            return
        if fault is not None:
            self._store.insist(record.arn, lambda old: _rolling_back(old, fault))
            fleet.end(grace=0)
            self._rolled_back(record.arn, fault)
            return
        before = live.shift(fleet)
        time.sleep(record.execution.get("termination_wait", 0))
        self._settle(
            record.arn,
            "InService",
            fleet=fleet,
            EndpointConfigName=fleet.plan.config,
        )
        before.retired.set()
        before.drain()
        before.end()

    def _delete(self, record: Record) -> None:
        with self._lock:
            live = self._live.pop(record.arn, None)
        if live is not None:
            live.fleet.retired.set()
            live.fleet.drain()
            live.fleet.end()
        for handle in _handles(record):
            self._executor.remove(handle)
        self._store.delete(record.arn)

    def _restore(self, record: Record) -> None:
        live = self._go_live(record, self._fleet(record, "fleet"))
        live.restore()

    def _rolled_back(self, arn: str, reason: str) -> None:
        self._settle(arn, "InService", FailureReason=reason)

    def _launched(self, fleet: Fleet) -> str | None:
        """Bring a fleet up; return why it cannot be, or None."""
        with self._lock:
            self._starting.add(fleet)
        try:
            fleet.launch_all()
        except FleetFaultError as fault:
            fleet.retired.set()
            return str(fault)[:_LONGEST_REASON]
        finally:
            with self._lock:
                self._starting.discard(fleet)
        return None

    def _go_live(self, record: Record, fleet: Fleet) -> LiveEndpoint:
        live = LiveEndpoint(
            record.arn, fleet, lambda plan: self._keep_plan(record.arn, plan)
        )
        with self._lock:
            self._live[record.arn] = live
        return live

    def _keep_plan(self, arn: str, plan: FleetPlan) -> None:
        """Store the plan of the fleet that serves, unless an update replaced it."""

        def change(record: Record) -> Record:
            for name in ("fleet", "pending"):
                kept: Mapping[str, object] | None = record.execution.get(name)
                if kept and kept["id"] == plan.id:
                    return record.with_execution(**{name: plan.json()})
            return record

        self._store.change(arn, change)

    def _renewed(self, record: Record) -> Record:
        """Return a record whose pending fleet begins anew; the old one is swept."""

        def change(old: Record) -> Record:
            plan = FleetPlan.of_json(old.execution["pending"])
            for instance in plan.instances:
                self._executor.remove(instance.handle)
            return old.with_execution(pending=plan.fresh().json())

        return self._store.change(record.arn, change)

    def _fleet(self, record: Record, name: str) -> Fleet:
        def log(plan: InstancePlan) -> Path:
            return self._logs.instance_log(
                record.region, record.name, variant=plan.variant, instance=plan.id
            )

        quarters = Quarters(
            self._executor,
            self._objects,
            log,
            hold=partial(self._hazards.hold, "CreateEndpoint", record.name),
            ping_fails=partial(self._hazards.ping_fails, record.name),
        )
        return Fleet(FleetPlan.of_json(record.execution[name]), quarters)

    def _settle(
        self,
        arn: str,
        status: str,
        *,
        fleet: Fleet | None = None,
        FailureReason: str | None = None,  # noqa: N803  # SageMaker's own member
        **members: str,
    ) -> None:
        """Write how a change ended."""

        def change(record: Record) -> Record:
            execution = {**record.execution, "pending": None}
            if fleet is not None:
                execution["fleet"] = fleet.plan.json()
            settled = replace(record, status=status, execution=execution)
            return settled.with_description(FailureReason=FailureReason, **members)

        self._store.insist(arn, change)

    def _in_background(self, work: Callable[[Record], None], record: Record) -> None:
        def run() -> None:
            try:
                work(record)
            except RecordMissingError:
                _LOG.info("endpoint_gone arn=%s", record.arn)
            except Exception:  # noqa: BLE001  # a thread's entry point: a fault of
                # the server must end the change, and be seen
                _LOG.exception("endpoint_change_crashed arn=%s", record.arn)
                status = "Failed" if record.status == "Creating" else "InService"
                self._settle(record.arn, status, FailureReason=_CRASHED)

        Thread(target=run, name=record.name, daemon=True).start()


def _handles(record: Record) -> set[str]:
    """Return the handle of every instance of an endpoint."""
    plans = [
        FleetPlan.of_json(record.execution[name])
        for name in ("fleet", "pending")
        if record.execution.get(name)
    ]
    return {each.handle for plan in plans for each in plan.instances}


def _rolling_back(record: Record, reason: str) -> Record:
    rolling = replace(record, status="RollingBack")
    return rolling.with_description(FailureReason=reason)
