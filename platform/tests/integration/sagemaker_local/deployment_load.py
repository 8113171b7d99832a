"""Requests to an endpoint while it changes, and what Describe says meanwhile."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

CLIENTS = 8


@dataclass
class Load:
    """What clients were answered."""

    answers: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


@contextmanager
def asked(rig: Any, endpoint: str, clients: int = CLIENTS) -> Iterator[Load]:
    """Ask an endpoint with so many clients at once, again and again."""
    load, done = Load(), threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                load.answers.append(rig.ask(endpoint)["answer"])
            except (ClientError, BotoCoreError) as error:
                load.errors.append(error)

    askers = [threading.Thread(target=ask) for _ in range(clients)]
    for asker in askers:
        asker.start()
    try:
        rig.eventually(lambda: len(load.answers) >= clients)
        yield load
        count = len(load.answers)
        rig.eventually(lambda: len(load.answers) >= count + 5 * clients)
    finally:
        done.set()
        for asker in askers:
            asker.join()


@dataclass
class Watch:
    """What Describe said of an endpoint until it was settled."""

    last: dict[str, Any]
    #: Of the pending deployment and of what serves: (status, message), as first seen.
    pending: list[tuple[str, str]] = field(default_factory=list)
    serving: list[tuple[str, str]] = field(default_factory=list)
    #: EndpointStatus, as first seen.
    statuses: list[str] = field(default_factory=list)
    started: Counter[str] = field(default_factory=Counter)

    def note(self, found: dict[str, Any]) -> None:
        self.last = found
        if found["EndpointStatus"] not in self.statuses:
            self.statuses.append(found["EndpointStatus"])
        summary = found.get("PendingDeploymentSummary", {})
        self._note(summary.get("ProductionVariants", []), self.pending)
        self._note(found.get("ProductionVariants", []), self.serving)

    def _note(self, variants: Any, seen: list[tuple[str, str]]) -> None:
        for variant in variants:
            for each in variant.get("VariantStatus", []):
                self.started[each["Status"]] += "StartTime" in each
                if (said := (each["Status"], each["StatusMessage"])) not in seen:
                    seen.append(said)


def watched(rig: Any, endpoint: str) -> Watch:
    """Describe an endpoint until it is in no transition."""
    watch = Watch({})

    def settled() -> bool:
        watch.note(rig.sagemaker.describe_endpoint(EndpointName=endpoint))
        return watch.last["EndpointStatus"] not in ("Updating", "RollingBack")

    rig.eventually(settled)
    return watch


def blue_green(kind: str, wait: int = 0, termination: int = 0, **more: Any) -> Any:
    """Return a DeploymentConfig."""
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **more}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": termination,
        }
    }


def rolling(wait: int = 0, **more: Any) -> Any:
    """Return a DeploymentConfig of batches of one instance."""
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait, **more}
    return {"RollingUpdatePolicy": policy}


def alarm(rig: Any) -> str:
    """Put an alarm that only a test sets, and return its name."""
    name = f"alarm-{uuid.uuid4().hex[:12]}"
    rig.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    return name


def guarded(policy: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a DeploymentConfig that an alarm rolls back."""
    rollback = {"Alarms": [{"AlarmName": name}]}
    return {**policy, "AutoRollbackConfiguration": rollback}


def roll_back(rig: Any, name: str) -> None:
    """Let an alarm end the deployment that it guards."""
    rig.client("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="the test says so"
    )


def percent(value: int) -> dict[str, Any]:
    """Return a CapacitySize."""
    return {"Type": "CAPACITY_PERCENT", "Value": value}


#: One of each strategy; two instances fit all of them.
STRATEGIES = {
    "all at once": blue_green("ALL_AT_ONCE", termination=1),
    "canary": blue_green("CANARY", wait=1, termination=1, CanarySize=percent(50)),
    "linear": blue_green("LINEAR", wait=1, termination=1, LinearStepSize=percent(50)),
    "rolling": rolling(wait=1),
}
