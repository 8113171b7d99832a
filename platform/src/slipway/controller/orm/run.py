"""Runs and their steps."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, known_state


class Run(Stateful, Row):
    """One execution of a model's pipeline, with its parameters frozen."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("environment", "key"),
        Index("ix_run_state", "state", "changed_at"),
        known_state("run"),
    )

    #: What people and S3 keys call it: date and digest.
    run_id: Mapped[str] = mapped_column(String(64), unique=True)
    #: The caller's own name for it, opened once; None: it has none.
    key: Mapped[str | None] = mapped_column(String(250), default=None)
    model: Mapped[str] = mapped_column(String(64), index=True)
    environment: Mapped[str] = mapped_column(String(32))
    #: The date that the run is for, not the one it ran on.
    run_date: Mapped[dt.date]
    #: Everything that was frozen when it began.
    parameters: Mapped[dict[str, Any]]
    #: What people call it among others; it is the same run by any of them.
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The commit of the model's folder, and when it was made; empty and None: the
    #: folder held what is in no commit.
    code_commit: Mapped[str] = mapped_column(String(64), default="")
    committed_at: Mapped[dt.datetime | None] = mapped_column(default=None)

    def __str__(self) -> str:
        return f"Run {self.run_id} of {self.model}"


class Step(Stateful, Row):
    """One step of a run."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("run_id", "name"),
        Index("ix_step_cache", "model", "environment", "name", "digest"),
        Index("ix_step_state", "state", "changed_at"),
        known_state("step"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    model: Mapped[str] = mapped_column(String(64))
    environment: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(32))
    #: Of everything that it read: the same digest never runs twice. Empty: not begun.
    digest: Mapped[str] = mapped_column(String(80), default="")
    #: What it wrote, for the steps behind it.
    outputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The run whose outputs it took; empty: it made its own.
    reused_from: Mapped[str] = mapped_column(String(64), default="")
    seconds: Mapped[float] = mapped_column(default=0.0)
    #: The try that was asked for last; 0: a command takes it, no worker does.
    attempt: Mapped[int] = mapped_column(default=0)
    #: Whether what ended it badly may be gone later.
    retryable: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return f"Step {self.name} of run {self.run_id}"
