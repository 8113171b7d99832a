"""Experiments counted: how many runs a week, how soon a verdict, what rejects them."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.controller.orm import Run, Step
from slipway.controller.store import Database
from slipway.controller.store.experiments import (
    VERDICTS,
    first_verdicts,
    runs_since,
    steps_of,
)

#: The gate on the data, beside those on metrics.
_DATA_GATE = "quality"


@dataclass(frozen=True)
class Experiment:
    """One run, as a try."""

    model: str
    run_id: str
    #: Monday of the week in which it was opened.
    week: dt.date
    state: str
    #: The gates that it missed.
    missed: tuple[str, ...]
    #: The commit of the model's folder; empty: the folder held what is in no commit.
    code_commit: str
    committed_at: dt.datetime | None
    #: When it succeeded or was rejected first.
    verdict_at: dt.datetime | None


@dataclass(frozen=True)
class Week:
    """What was tried of a model in one week."""

    model: str
    week: dt.date
    runs: int
    succeeded: int
    rejected: int
    #: Failed, stopped, blocked, stuck or still running: without a verdict.
    undecided: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "model": self.model,
            "week": self.week.isoformat(),
            "runs": self.runs,
            "succeeded": self.succeeded,
            "rejected": self.rejected,
            "undecided": self.undecided,
        }


@dataclass(frozen=True)
class Tally:
    """What was tried of some models, and how it went."""

    weeks: tuple[Week, ...]
    #: Seconds from each commit of a model's folder to its first verdict, in order.
    commit_to_verdict: tuple[float, ...]
    #: Runs that have a verdict.
    verdicts: int
    #: How many runs each gate rejected; one run may miss several.
    rejected_by: dict[str, int]

    def percentile(self, share: float) -> float | None:
        """Return the seconds within which that share of commits had a verdict."""
        times = self.commit_to_verdict
        if not times:
            return None
        return times[min(len(times) - 1, max(0, round(share * len(times) + 0.5) - 1))]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "weeks": [week.as_dict() for week in self.weeks],
            "verdicts": self.verdicts,
            "commit_to_verdict": {
                "commits": len(self.commit_to_verdict),
                "p50_seconds": self.percentile(0.5),
                "p90_seconds": self.percentile(0.9),
            },
            "rejected_by": {
                gate: {"runs": count, "share": round(count / self.verdicts, 4)}
                for gate, count in self.rejected_by.items()
            },
        }


def experiments(
    database: Database, environment: str, models: Sequence[str], since: dt.datetime
) -> list[Experiment]:
    """Return the runs of some models that were opened since a moment, oldest first."""
    runs = runs_since(database, environment, models, since)
    steps, verdicts = steps_of(database, runs), first_verdicts(database, runs)
    return [
        Experiment(
            model=run.model,
            run_id=run.run_id,
            week=monday(run.created_at.date()),
            state=run.state,
            missed=_missed(run, steps[run.run_id]),
            code_commit=run.code_commit,
            committed_at=run.committed_at,
            verdict_at=verdicts.get(run.id),
        )
        for run in runs
    ]


def tally(found: Iterable[Experiment]) -> Tally:
    """Count experiments."""
    tried = list(found)
    decided = [one for one in tried if one.state in VERDICTS]
    gates = Counter(gate for one in decided for gate in one.missed)
    return Tally(
        weeks=tuple(_weeks(tried)),
        commit_to_verdict=tuple(sorted(_waits(tried))),
        verdicts=len(decided),
        rejected_by=dict(gates.most_common()),
    )


def monday(day: dt.date) -> dt.date:
    """Return the first day of the week of `day`."""
    return day - dt.timedelta(days=day.weekday())


def _missed(run: Run, steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the gates that rejected a run."""
    if run.state != "rejected":
        return ()
    rejected = [step for step in steps if step.state == "rejected"]
    return tuple(
        gate
        for step in rejected
        for gate in step.outputs.get("missed")
        or [_DATA_GATE if step.name == _DATA_GATE else step.name]
    )


def _weeks(tried: Sequence[Experiment]) -> Iterable[Week]:
    for model, week in sorted({(one.model, one.week) for one in tried}):
        states = Counter(
            one.state for one in tried if (one.model, one.week) == (model, week)
        )
        runs = states.total()
        succeeded, rejected = states["succeeded"], states["rejected"]
        undecided = runs - succeeded - rejected
        yield Week(model, week, runs, succeeded, rejected, undecided)


def _waits(tried: Sequence[Experiment]) -> Iterable[float]:
    """Yield the seconds from each commit to the first verdict on it."""
    first: dict[tuple[str, str], tuple[dt.datetime, dt.datetime]] = {}
    for one in tried:
        if one.committed_at is None or one.verdict_at is None:
            continue
        commit = (one.model, one.code_commit)
        known = first.get(commit)
        if known is None or one.verdict_at < known[1]:
            first[commit] = (one.committed_at, one.verdict_at)
    for committed_at, verdict_at in first.values():
        yield max(0.0, (verdict_at - committed_at).total_seconds())
