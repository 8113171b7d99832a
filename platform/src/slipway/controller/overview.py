"""What is known of a model: what serves, its versions, its last runs."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slipway.controller.context import Context
from slipway.controller.drift import describe
from slipway.controller.findings import Finding
from slipway.controller.orm import Deployment, ModelVersion, Operation, Run, Step
from slipway.controller.rollout.watch import SHIFTING
from slipway.controller.serving import endpoint_name
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store import Seen
from slipway.errors import InvalidRequestError, suggestion
from slipway.sagemaker.gateway import Observation
from slipway.sagemaker.resources import ENDPOINT, RESOURCES

_RUNS = 5


@dataclass(frozen=True)
class Overview:
    """A model, as the controller and SageMaker see it."""

    endpoint_name: str
    #: None: there is no such endpoint.
    endpoint: Observation | None
    live: ModelVersion | None
    versions: tuple[ModelVersion, ...]
    #: The last runs, newest first, each with its steps.
    runs: tuple[tuple[Run, tuple[Step, ...]], ...]
    #: The operations of these runs, the oldest first.
    operations: tuple[Operation, ...]
    #: Who moves it now; None: nobody does.
    mover: Seen | None
    #: What the last look at the endpoint found wrong; None: nothing.
    drift: Finding | None
    #: The last deployment; None: there was none.
    deployment: Deployment | None = None

    @property
    def serving(self) -> str:
        """One line: what answers requests now."""
        if self.endpoint is None:
            return "no endpoint"
        version = f"version {self.live.version}" if self.live else "no known version"
        return f"{self.endpoint_name} {self.endpoint.status}, {version}"

    @property
    def moving(self) -> str:
        """One line: who moves it; empty: nobody does."""
        if self.mover is None:
            return ""
        since = dt.datetime.fromtimestamp(self.mover.acquired_at, dt.UTC)
        life = (
            f"its lease lasts {self.mover.left:.0f} s more"
            if self.mover.left > 0
            else "its lease has run out: the next command takes over"
        )
        return f"moved by {self.mover.holder} since {since:%Y-%m-%d %H:%M:%S}Z; {life}"

    @property
    def deploying(self) -> str:
        """One line: how the last deployment stands; empty: it ended well."""
        last = self.deployment
        if last is None or last.state == "succeeded":
            return ""
        share = last.progress.get("share", 0)
        taken = (
            f", {share} % of the traffic" if share and last.state in SHIFTING else ""
        )
        reason = f": {last.reason.splitlines()[0]}" if last.reason else ""
        return f"version {last.version} is {last.state}{taken}{reason}"

    def log_streams(self, step: str | None) -> Iterator[tuple[str, str, str]]:
        """Yield a title, the log group and the stream prefix of each job, or of `step`."""
        streams = {
            operation.key.rsplit("/", 2)[-2]: operation
            for operation in self.operations
            if RESOURCES[operation.resource].stop is not None
        }
        if step is not None and step not in {*streams, "deploy"}:
            known = (*streams, "deploy")
            message = (
                f"No job of the last runs is called {step!r}.{suggestion(step, known)}"
            )
            raise InvalidRequestError(message)
        for name, operation in streams.items():
            if step in {None, name}:
                group = RESOURCES[operation.resource].log_group or ""
                yield f"{name}: {operation.name}", group, operation.name
        if step in {None, "deploy"} and self.endpoint is not None:
            group = f"{ENDPOINT.log_group}/{self.endpoint_name}"
            yield f"endpoint: {self.endpoint_name}", group, ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "endpoint": {
                "name": self.endpoint_name,
                "status": self.endpoint.status if self.endpoint else None,
            },
            "drift": self.drift.as_dict() if self.drift else None,
            "live_version": self.live.version if self.live else None,
            "moved_by": _mover(self.mover),
            "deployment": _deployment(self.deployment),
            "versions": [_version(version) for version in self.versions],
            "runs": [_run(run, steps) for run, steps in self.runs],
        }


def overview(context: Context) -> Overview:
    """Return what is known of the context's model."""
    records, name = context.store.records, endpoint_name(context)
    model, environment = context.spec.name, context.settings.environment.name
    runs = records.latest_runs(model, environment, _RUNS)
    versions = tuple(records.versions(model, environment))
    lease = context.leases.seen(context.lease)
    known = records.endpoint(name)
    return Overview(
        endpoint_name=name,
        endpoint=context.gateway.describe("endpoint", name),
        live=next((v for v in versions if v.state == CHAMPION), None),
        versions=versions,
        runs=tuple((run, tuple(records.steps(run.run_id))) for run in runs),
        operations=tuple(
            operation
            for run in reversed(runs)
            for operation in records.operations(run.run_id)
        ),
        mover=lease if lease is not None and lease.holder else None,
        drift=describe(known, context.store.now(), new=False) if known else None,
        deployment=records.latest_deployment(model, environment),
    )


def _mover(lease: Seen | None) -> dict[str, Any] | None:
    if lease is None:
        return None
    return {
        "holder": lease.holder,
        "token": lease.token,
        "seconds_left": round(lease.left, 1),
    }


def _deployment(deployment: Deployment | None) -> dict[str, Any] | None:
    if deployment is None:
        return None
    return {
        "version": deployment.version,
        "kind": deployment.kind,
        "state": deployment.state,
        "reason": deployment.reason,
        "strategy": deployment.policy.get("strategy", "all_at_once"),
        "decision": deployment.decision,
        "progress": deployment.progress,
    }


def _version(version: ModelVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "state": version.state,
        "run_id": version.run_id,
        "artifact_digest": version.artifact_digest,
        "image_uri": version.image_uri,
        "image_digest": version.image_digest,
        "metrics": version.metrics,
        "lineage": version.lineage,
    }


def _run(run: Run, steps: tuple[Step, ...]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "state": run.state,
        "reason": run.reason,
        "run_date": run.run_date.isoformat(),
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "seconds": round(step.seconds, 3),
                "reused_from": step.reused_from,
            }
            for step in steps
        ],
    }
