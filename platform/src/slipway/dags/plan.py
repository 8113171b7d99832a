"""A DAG as data, made from a model's spec."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from slipway.dags.pipelines import PIPELINES, PipelineRow, StepRow
from slipway.digests import digest_of
from slipway.spec import ModelSpec
from slipway.spec.duration import minutes_of


@dataclass(frozen=True)
class TaskPlan:
    """A task of a DAG; it runs after the one before it."""

    task_id: str
    operator: str
    group: str
    doc: str
    #: The address of the asset that it makes; empty: none.
    outlet: str
    #: How long it may take; None: as long as any task of its DAG.
    timeout_minutes: int | None = None


@dataclass(frozen=True)
class DagPlan:
    """A DAG: everything that its file says."""

    model: str
    pipeline: str
    description: str
    doc: str
    owner: str
    tags: tuple[str, ...]
    #: Cron in UTC; None: by hand, or by `follows`.
    schedule: str | None
    #: The address of the asset that each run follows; empty: none.
    follows: str
    start_date: dt.date
    catchup: bool
    max_active_runs: int
    pool: str
    retries: int
    timeout_minutes: int
    #: How long after it was due a scheduled run should have ended; None: no matter.
    deadline_minutes: int | None
    #: The factory of its params, and what it is called with.
    params: str
    hyperparameters: dict[str, Any]
    #: Of the spec that the DAG was made from: the controller compares it with its own.
    spec_digest: str
    tasks: tuple[TaskPlan, ...]

    @property
    def dag_id(self) -> str:
        """The DAG's name in Airflow."""
        return f"{self.model}.{self.pipeline}"


def plan_dags(spec: ModelSpec) -> tuple[DagPlan, ...]:
    """Return the plan of each DAG that a model has."""
    return tuple(
        _plan(spec, pipeline)
        for pipeline in PIPELINES
        if spec.mode in pipeline.modes or _schedule(spec, pipeline)
    )


def spec_digest(spec: ModelSpec) -> str:
    """Return the digest of everything that a spec says."""
    return digest_of(spec.model_dump(mode="json"))


def _plan(spec: ModelSpec, pipeline: PipelineRow) -> DagPlan:
    dag = spec.dag
    schedule = _schedule(spec, pipeline)
    follows = "" if schedule else pipeline.follows.get(spec.mode, "")
    return DagPlan(
        model=spec.name,
        pipeline=pipeline.name,
        description=spec.description,
        doc=pipeline.doc.format(model=spec.name),
        owner=spec.owner,
        tags=("slipway", pipeline.name, spec.mode, *dag.tags),
        schedule=schedule,
        follows=_asset(spec, follows),
        start_date=dag.start_date,
        catchup=dag.catchup,
        max_active_runs=dag.max_active_runs,
        pool=dag.pool,
        retries=dag.retries,
        timeout_minutes=minutes_of(dag.timeout),
        deadline_minutes=minutes_of(dag.deadline) if dag.deadline else None,
        params=pipeline.params,
        hyperparameters=dict(spec.hyperparameters),
        spec_digest=spec_digest(spec),
        tasks=tuple(
            _task(spec, step)
            for step in pipeline.steps
            if spec.mode in step.modes and spec.approval in step.approvers
        ),
    )


def _schedule(spec: ModelSpec, pipeline: PipelineRow) -> str | None:
    found = _at(spec, pipeline.schedule)
    return found if found is None else str(found)


def _task(spec: ModelSpec, step: StepRow) -> TaskPlan:
    outlet = _asset(spec, step.asset)
    timeout = minutes_of(_at(spec, step.timeout)) if step.timeout else None
    return TaskPlan(step.name, step.operator, step.group, step.doc, outlet, timeout)


def _at(spec: ModelSpec, path: tuple[str, ...]) -> Any:
    """Return the field of a spec that is at `path`."""
    found: Any = spec
    for part in path:
        found = getattr(found, part)
    return found


def _asset(spec: ModelSpec, kind: str) -> str:
    return f"slipway://{spec.name}/{kind}" if kind else ""
