"""The controller's tables."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION

#: Constraints have names, so that migrations can change them on every database.
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def listed(names: Iterable[str]) -> str:
    """Return names as SQL's IN takes them."""
    return ", ".join(f"'{name}'" for name in names)


def _known_state(kind: str) -> CheckConstraint:
    """Return the constraint that a row stands in its chart."""
    return CheckConstraint(f"state IN ({listed(CHARTS[kind].names)})", name="state")


def _at_most_one(name: str, *columns: str, where: str) -> Index:
    """Return the constraint that of equal `columns` one row at most is so."""
    condition = text(where)
    return Index(
        name,
        *columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, kept as UTC: SQLite has no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Return what the database keeps."""
        del dialect
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value else None

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Return what the program sees."""
        del dialect
        return value.replace(tzinfo=dt.UTC) if value else None


class Row(DeclarativeBase):
    """A row of any table."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {dict[str, Any]: JSON, dt.datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's form


class Stateful:
    """What every row that a chart rules has."""

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Where it stands in its chart.
    state: Mapped[str] = mapped_column(String(32))
    #: Counts its changes: a writer must name the one it read.
    revision: Mapped[int] = mapped_column(default=1)
    #: Why it stands there, for people.
    reason: Mapped[str] = mapped_column(String(4096), default="")
    created_at: Mapped[dt.datetime]
    #: When a trigger was last fired on it: deadlines count from here.
    changed_at: Mapped[dt.datetime]


class Run(Stateful, Row):
    """One execution of a model's pipeline, with its parameters frozen."""

    __tablename__ = "run"
    __table_args__ = (_known_state("run"),)

    #: What people and S3 keys call it: date and digest.
    run_id: Mapped[str] = mapped_column(String(64), unique=True)
    model: Mapped[str] = mapped_column(String(64), index=True)
    environment: Mapped[str] = mapped_column(String(32))
    #: The date that the run is for, not the one it ran on.
    run_date: Mapped[dt.date]
    #: Everything that was frozen when it began.
    parameters: Mapped[dict[str, Any]]


class Step(Stateful, Row):
    """One step of a run."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("run_id", "name"),
        Index("ix_step_cache", "model", "environment", "name", "digest"),
        _known_state("step"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    model: Mapped[str] = mapped_column(String(64))
    environment: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(32))
    #: Of everything that it read: the same digest never runs twice.
    digest: Mapped[str] = mapped_column(String(80))
    #: What it wrote, for the steps behind it.
    outputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The run whose outputs it took; empty: it made its own.
    reused_from: Mapped[str] = mapped_column(String(64), default="")
    seconds: Mapped[float] = mapped_column(default=0.0)


class Operation(Stateful, Row):
    """One call chain on one SageMaker resource, written before the call is made."""

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("key", "generation"),
        Index("ix_operation_due", "state", "due_at"),
        _at_most_one("uq_operation_current", "key", where="state <> 'replaced'"),
        _known_state("operation"),
    )

    #: What it is for; with the generation it decides the resource's name.
    key: Mapped[str] = mapped_column(String(200))
    #: Counts the resources that were needed: a job's name can be used once.
    generation: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    #: `training_job`, `endpoint`, …
    resource: Mapped[str] = mapped_column(String(32))
    #: `CreateTrainingJob`, `UpdateEndpoint`, …
    call: Mapped[str] = mapped_column(String(64))
    #: The resource's name in SageMaker.
    name: Mapped[str] = mapped_column(String(63))
    #: The digest that the resource is tagged with.
    digest: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    #: The tags that say whose the resource is, beside the digest.
    owner: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: SageMaker's ids of what was created, and of the answer that said so.
    arn: Mapped[str] = mapped_column(String(2048), default="")
    request_id: Mapped[str] = mapped_column(String(128), default="")
    #: The last status that SageMaker told; our own state is another column.
    observed: Mapped[str] = mapped_column(String(64), default="")
    #: Calls that failed since the last change of its state: what a back-off counts.
    attempts: Mapped[int] = mapped_column(default=0)
    #: When it is to be looked at next; None: now.
    due_at: Mapped[dt.datetime | None] = mapped_column(default=None)


class OperationCall(Row):
    """One call that may change something, written before it is made."""

    __tablename__ = "operation_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"), index=True)
    #: `CreateTrainingJob`, `StopTrainingJob`, …
    call: Mapped[str] = mapped_column(String(64))
    #: Of the request as it was sent.
    request_digest: Mapped[str] = mapped_column(String(80))
    #: The caller's fencing token; 0: it held no lease.
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    #: Who made it: a user and a host.
    actor: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None] = mapped_column(default=None)
    #: `accepted`, or the fault; empty: no answer was ever recorded.
    outcome: Mapped[str] = mapped_column(String(32), default="")
    #: SageMaker's id of the answer.
    request_id: Mapped[str] = mapped_column(String(128), default="")
    message: Mapped[str] = mapped_column(String(4096), default="")


class ModelVersion(Stateful, Row):
    """An immutable artifact with its lineage, numbered per model."""

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("environment", "model", "version"),
        UniqueConstraint("environment", "model", "artifact_digest", "image_uri"),
        _at_most_one(
            "uq_model_version_champion",
            "environment",
            "model",
            where=f"state = '{CHAMPION}'",
        ),
        _known_state("model_version"),
    )

    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    #: sha256 of the artifact's manifest, which names every file's.
    artifact_digest: Mapped[str] = mapped_column(String(80))
    artifact_uri: Mapped[str] = mapped_column(String(1024))
    #: sha256 of the archive itself, checked before it is deployed.
    archive_sha256: Mapped[str] = mapped_column(String(64))
    image_uri: Mapped[str] = mapped_column(String(512))
    metrics: Mapped[dict[str, Any]]
    #: Data, SQL and code digests, parameters, commit.
    lineage: Mapped[dict[str, Any]]


class Deployment(Stateful, Row):
    """A change that makes a version serve on an endpoint."""

    __tablename__ = "deployment"
    __table_args__ = (
        _at_most_one(
            "uq_deployment_unfinished",
            "endpoint_name",
            where=f"state IN ({listed(sorted(CHARTS['deployment'].unfinished))})",
        ),
        _known_state("deployment"),
    )

    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64), index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    endpoint_name: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    endpoint_config_name: Mapped[str] = mapped_column(String(63), default="")
    #: What served before, to go back to; empty: nothing did.
    previous_config_name: Mapped[str] = mapped_column(String(63), default="")


class Endpoint(Stateful, Row):
    """An endpoint as it should be, and as it was last seen."""

    __tablename__ = "endpoint"
    __table_args__ = (_known_state("endpoint"),)

    name: Mapped[str] = mapped_column(String(63), unique=True)
    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64))
    #: What it should serve; empty: it should not be there.
    desired_config_name: Mapped[str] = mapped_column(String(63), default="")
    desired_version: Mapped[int] = mapped_column(default=0)
    #: What SageMaker said last, and when it was asked.
    observed_status: Mapped[str] = mapped_column(String(32), default="")
    observed_config_name: Mapped[str] = mapped_column(String(63), default="")
    observed_at: Mapped[dt.datetime | None] = mapped_column(default=None)


class Transition(Row):
    """One change of one row's state. Rows are added, never changed."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_row", "kind", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    row_id: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    #: Who made it: a user and a host.
    actor: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(4096), default="")
    #: The writer's fencing token; 0: it held no lease.
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[dt.datetime]


class Lease(Row):
    """Who moves something now. The row stays when nobody does: its token only grows."""

    __tablename__ = "lease"

    #: What is moved: `environment/model`.
    resource: Mapped[str] = mapped_column(String(200), primary_key=True)
    #: Grows with every holder: a write with an older one is refused.
    token: Mapped[int] = mapped_column(BigInteger)
    #: A user, a host and a process; empty: nobody holds it.
    holder: Mapped[str] = mapped_column(String(200))
    #: The lock file that the holder has locked as well; empty: none.
    place: Mapped[str] = mapped_column(String(64))
    #: Counts its heartbeats.
    renewals: Mapped[int] = mapped_column(default=0)
    #: Seconds since 1970 by the database's own clock.
    acquired_at: Mapped[float]
    expires_at: Mapped[float]


class CallBudget(Row):
    """A token bucket for an account's calls, shared by everybody who makes them."""

    __tablename__ = "call_budget"

    #: Account, region and class of calls.
    bucket: Mapped[str] = mapped_column(String(200), primary_key=True)
    tokens: Mapped[float]
    #: Seconds since 1970 by the database's own clock.
    refilled_at: Mapped[float]
