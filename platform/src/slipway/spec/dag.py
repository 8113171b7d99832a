"""How a scheduler runs a model's pipelines."""

import datetime as dt
from typing import Annotated

from pydantic import Field

from slipway.spec.duration import Duration
from slipway.spec.schedule import Cron
from slipway.spec.strict import Strict

Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:-]*$", max_length=60)]
PoolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=128)]


class Dag(Strict):
    """How Airflow runs the model's pipelines; `schedule` says when it is trained."""

    tags: list[Tag] = Field(
        default_factory=list,
        description="What the model's DAGs are found by, beside its owner and mode",
        examples=["[oncology]"],
        max_length=10,
    )
    pool: PoolName = Field(
        "default_pool",
        description="The pool that the tasks take their slots from",
        examples=["training"],
    )
    retries: int = Field(
        3,
        ge=0,
        le=10,
        description="How often a task tries again what may go well later",
        examples=[3],
    )
    timeout: Duration = Field(
        "12h", description="How long one task may take", examples=["12h"]
    )
    deadline: Duration | None = Field(
        None,
        description="How long after it was due a scheduled run should have ended; null: never",
        examples=["6h"],
    )
    approval_timeout: Duration = Field(
        "7d",
        description="How long a training waits for a person's word on its version",
        examples=["7d"],
    )
    max_active_runs: int = Field(
        1, ge=1, le=16, description="How many runs go on at once", examples=[2]
    )
    catchup: bool = Field(
        False, description="Whether runs that were missed are made up for"
    )
    start_date: dt.date = Field(
        dt.date(2026, 1, 1),
        description="The first day that it is scheduled for",
        examples=["2026-01-01"],
    )
    scoring_schedule: Cron | None = Field(
        None,
        description="When a batch is scored, as cron in UTC; null: a batch model's after"
        " each new version, an endpoint's only by hand",
        examples=['"0 6 * * *"'],
    )
    monitoring_schedule: Cron | None = Field(
        None,
        description="When it is monitored, as cron in UTC; null: after each new version, or"
        " scoring of a batch model",
        examples=['"0 7 * * *"'],
    )
