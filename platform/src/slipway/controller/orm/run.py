"""Runs and their steps."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, known_state


class Run(Stateful, Row):
    """One execution of a model's pipeline, with its parameters frozen."""

    __tablename__ = "run"
    __table_args__ = (known_state("run"),)

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
        known_state("step"),
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
