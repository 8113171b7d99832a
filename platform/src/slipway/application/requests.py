"""What can be asked: a model of each request, checked before anything is done."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slipway.application.fields import (
    COLLECTED,
    ENDPOINT,
    LINES,
    PRINTABLE,
    Champion,
    ConfigKey,
    Digest,
    ModelName,
    Moment,
    Number,
    ParameterName,
    Purpose,
    Reason,
    RunId,
    RunKey,
    StepName,
    Tag,
    Text,
    Value,
    Word,
)
from slipway.controller.garbage.collect import KEEP
from slipway.spec.deployment import LONGEST_WAIT
from slipway.spec.model import Hyperparameter

#: What of a request says how the traffic shifts.
_SHIFT = {"strategy", "canary_percent", "step_percent", "bake_seconds"}
#: The strategy that a share belongs to.
_STRATEGIES = {"canary_percent": "canary", "step_percent": "linear"}


class Asked(BaseModel):
    """A request; what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftAsked(Asked):
    """How a deployment's traffic shifts, where it is not as model.yaml says."""

    strategy: Literal["all_at_once", "canary", "linear"] | None = Field(
        None, description="null: as model.yaml says, or as a share that is given does"
    )
    canary_percent: int | None = Field(
        None, ge=1, le=50, description="The share of the traffic that it begins with"
    )
    step_percent: int | None = Field(
        None, ge=10, le=50, description="The share that is added each time"
    )
    bake_seconds: int | None = Field(
        None, ge=0, le=LONGEST_WAIT, description="How long each share is watched"
    )

    @property
    def shift(self) -> dict[str, object]:
        """The fields of `endpoint.deployment` that are changed."""
        given = self.model_dump(include=_SHIFT, exclude_none=True)
        for share, strategy in _STRATEGIES.items():
            if share in given:
                given.setdefault("strategy", strategy)
        return given


class ConfigAsked(ShiftAsked):
    """What a run is opened with beside its date."""

    force: bool = Field(default=False, description="Take nothing from the cache")
    parameters: dict[ParameterName, bool | int | float | Text] = Field(
        default_factory=dict, description="Values of the SQL script's parameters"
    )
    hyperparameters: dict[
        Annotated[str, Field(pattern=PRINTABLE, min_length=1, max_length=255)],
        Hyperparameter,
    ] = Field(default_factory=dict, description="Laid over those of model.yaml")
    version: Number | None = Field(
        None,
        description="The version to score with; of a training: the one to serve again, by"
        " the run that made it",
    )
    settings: dict[ConfigKey, Value] = Field(
        default_factory=dict,
        description="Values of keys, for this run alone: those of override.set",
    )
    tag: Annotated[str, Field(pattern=PRINTABLE, max_length=60)] | None = None
    tags: list[Tag] = Field(
        default_factory=list, max_length=50, description="More names to find it by"
    )
    expects: Champion = None


class RunAsked(Asked):
    """A run to be opened, or found again by its key."""

    model: ModelName
    environment: Word | None = None
    logical_date: Moment | dt.date | None = Field(
        None, description="The date that the run is for; its day in UTC is taken"
    )
    data_interval_start: Moment | None = None
    data_interval_end: Moment | None = None
    trigger: Literal["scheduled", "manual", "backfill", "asset"] = "manual"
    pipeline: Literal["training", "scoring"] = "training"
    key: RunKey | None = Field(
        None, description="The caller's own name for the run: it is opened once"
    )
    config: ConfigAsked = ConfigAsked()
    spec_digest: Digest | None = Field(
        None, description="Of the spec that the caller was made from"
    )


class RunNamed(Asked):
    """A run, by its name."""

    run_id: RunId


class RunEnded(RunNamed):
    """How a run ended, as its caller says."""

    state: Literal["succeeded", "failed"]
    reason: Text = ""


class RunJudged(RunNamed):
    """A verdict on a run."""

    reason: Reason


class StepNamed(RunNamed):
    """A step of a run."""

    step: StepName


class StepAsked(StepNamed):
    """A step to be done."""

    attempt: Number | None = Field(
        None,
        description="The caller's try: an ended one begins again for a greater one",
    )


class LogsAsked(StepNamed):
    """What a step's job wrote."""

    token: Annotated[str, Field(pattern=LINES)] = Field(
        "", description="A `next_token`; empty: from the first line"
    )
    limit: int = Field(1000, ge=1, le=10_000, description="Lines at most")


class VersionNamed(Asked):
    """A model version."""

    model: ModelName
    version: Number


class VersionJudged(VersionNamed):
    """A verdict on a model version."""

    reason: Reason


class ModelNamed(Asked):
    """A model."""

    model: ModelName


class MomentAsked(ModelNamed):
    """What served at a moment."""

    at: Moment


class PlanAsked(ModelNamed):
    """What a deployment would change."""

    logical_date: Moment | dt.date | None = None
    config: ConfigAsked = ConfigAsked()


class DeploymentNamed(Asked):
    """A deployment, by its number."""

    id: Number


class PromotionAsked(ModelNamed, ShiftAsked):
    """A deployment that is to go on, or a version that is to be deployed."""

    version: Number | None = Field(
        None, description="null: the one that is being deployed"
    )
    reason: Text = ""
    expects: Champion = None


class ReturnAsked(ModelNamed):
    """A model that is to serve what it served before."""

    reason: Text = ""
    expects: Champion = None


class ExperimentsAsked(Asked):
    """What was tried, of one model or of all."""

    model: ModelName | None = None
    weeks: int = Field(8, ge=1, le=520, description="How many, this one included")


class ComparisonAsked(ModelNamed):
    """Runs of a model, two or more in all, to be put side by side."""

    runs: list[RunId] = Field(default_factory=list, max_length=50)
    tags: list[Annotated[str, Field(pattern=PRINTABLE, max_length=64)]] = Field(
        default_factory=list, max_length=50, description="Of each, the newest run"
    )


class ReconcileAsked(Asked):
    """One look at everything under way."""

    sweep: bool = Field(
        default=False, description="List too what is tagged as ours and has no row"
    )


class CollectionAsked(Asked):
    """What nothing needs any more, of one model or of all."""

    model: ModelName | None = None
    keep: int = Field(
        KEEP, ge=0, le=1000, description="The last versions that are kept"
    )
    apply: bool = Field(default=False, description="Delete; else only look")
    limit: int = Field(500, ge=1, le=1000, description="Things to judge at most")
    cursor: Annotated[str, Field(pattern=COLLECTED)] | None = Field(
        None, description="An answer's `next_cursor`: go on from there"
    )


class ExplainAsked(ModelNamed):
    """What a model's payloads would be."""

    step: StepName | None = None


class OverrideNamed(ModelNamed):
    """A value that is set over a model's files, to be taken back."""

    key: ConfigKey
    reason: Reason


class OverrideAsked(OverrideNamed):
    """A value to be set over a model's files."""

    reason: Purpose
    value: Value
    expires_at: Moment = Field(description="When it ends by itself, within 366 days")


class EndpointNamed(Asked):
    """An endpoint."""

    name: Annotated[str, Field(pattern=ENDPOINT)]


class TokenAsked(Asked):
    """A token to be made."""

    name: Word
    role: Literal["viewer", "operator", "admin"]
    expires_at: Moment | None = None


class TokenNamed(Asked):
    """A token, by its name."""

    name: Word


def frozen_facts(asked: RunAsked) -> dict[str, Any]:
    """Return what a run keeps of how it was asked for."""
    interval = (asked.data_interval_start, asked.data_interval_end)
    start, end = (at.isoformat() if at else None for at in interval)
    return {
        "trigger": asked.trigger,
        "data_interval_start": start,
        "data_interval_end": end,
        "tag": asked.config.tag,
    }
