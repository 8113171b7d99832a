"""Operations, and the calls that they made."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, at_most_one, known_state


class Operation(Stateful, Row):
    """One call chain on one SageMaker resource, written before the call is made."""

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("key", "generation"),
        Index("ix_operation_due", "state", "due_at"),
        at_most_one("uq_operation_current", "key", where="state <> 'replaced'"),
        known_state("operation"),
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

    def __str__(self) -> str:
        return f"Operation {self.id} ({self.call} of {self.name})"


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
