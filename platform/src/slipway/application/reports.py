"""Answers that many rows are read for: plans, counts, comparisons, what served when."""

import datetime as dt
from typing import Any

from pydantic import Field

from slipway.application.views import View


class ChangeView(View):
    """One field that differs."""

    resource: str
    field: str
    before: Any = Field(description="null: it is not there")
    after: Any
    by: str = Field(description="Who sets what comes after")


class PlanView(View):
    """What a deployment would do now."""

    model: str
    steps: dict[str, str] = Field(description="`cached` or `runs`, by step")
    version: int
    is_new: bool
    serving: int | None = Field(description="The version that serves; null: none")
    changes: list[ChangeView]
    changed_by_hand: list[ChangeView] = Field(
        description="Since the last deployment, by somebody else"
    )


class WeekView(View):
    """What was tried of a model in one week."""

    model: str
    week: dt.date = Field(description="Its Monday")
    runs: int
    succeeded: int
    rejected: int
    undecided: int


class WaitView(View):
    """How long commits of model folders waited for a verdict."""

    commits: int
    p50_seconds: float | None
    p90_seconds: float | None


class GateView(View):
    """What a gate rejected."""

    runs: int
    share: float = Field(description="Of the verdicts")


class ExperimentsView(View):
    """What was tried, and how it went."""

    since: dt.date
    weeks: list[WeekView]
    verdicts: int
    commit_to_verdict: WaitView
    rejected_by: dict[str, GateView]


class VariantView(View):
    """One run beside others."""

    run_id: str
    tags: list[str]
    verdict: str
    reason: str
    run_date: dt.date
    code_commit: str
    hyperparameters: dict[str, Any]
    overrides: dict[str, Any]
    metrics: dict[str, Any]
    version: int | None


class ComparisonView(View):
    """Runs side by side."""

    model: str
    runs: list[VariantView]


class ServedView(View):
    """Which version served at a moment."""

    model: str
    at: dt.datetime
    version: int | None = Field(description="null: none did")
    first_served_at: dt.datetime | None
    since: dt.datetime | None
    until: dt.datetime | None = Field(description="null: it still serves, or none did")
    actor: str | None
    reason: str | None
    artifact_digest: str | None
