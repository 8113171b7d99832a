"""What can be asked: a model of each request, checked before anything is done."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from slipway.controller.garbage.collect import KEEP
from slipway.spec.model import Hyperparameter

#: The largest number that every database takes.
_MOST = 2**31 - 1
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


def _in_every_zone(moment: dt.datetime) -> dt.datetime:
    """Return a moment in UTC; ValueError for one that UTC's calendar does not hold."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        message = "is before the year 1 or after the year 9999 in UTC"
        raise ValueError(message) from error


def _is_a_row(cursor: str) -> str:
    """Return a cursor; ValueError for a number that no row has."""
    if int(cursor) > _MOST:
        message = "is no cursor of a page"
        raise ValueError(message)
    return cursor


Moment = Annotated[AwareDatetime, AfterValidator(_in_every_zone)]

ModelName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32, examples=["churn_risk"])
]
RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["train"])]
Text = Annotated[str, Field(pattern=_PRINTABLE, max_length=4000)]
Reason = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f]*[!-~][^\x00-\x1f\x7f]*$", max_length=4000)
]
ConfigKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,199}$")]
Number = Annotated[int, Field(ge=1, le=_MOST)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
RunKey = Annotated[str, Field(pattern=_PRINTABLE, min_length=1, max_length=250)]
Digest = Annotated[str, Field(pattern=r"^[a-z0-9:]*$", max_length=80)]
State = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class Asked(BaseModel):
    """A request; what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Asked):
    """A request that says nothing."""


class PageAsked(Asked):
    """A part of a list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, AfterValidator(_is_a_row)] | None = Field(
        None, pattern=r"^[0-9]{1,10}$", description="A page's `next_cursor`"
    )


class ModelPageAsked(PageAsked):
    """A part of a list, of one model or of all."""

    model: ModelName | None = None
    state: State | None = None


class OperationPageAsked(PageAsked):
    """A part of the operations, of one run or of all."""

    run_id: RunId | None = None
    state: State | None = None


class ConfigAsked(Asked):
    """What a run is opened with beside its date."""

    force: bool = Field(default=False, description="Take nothing from the cache")
    parameters: dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)],
        bool | int | float | Text,
    ] = Field(default_factory=dict, description="Values of the SQL script's parameters")
    hyperparameters: dict[
        Annotated[str, Field(pattern=_PRINTABLE, min_length=1, max_length=255)],
        Hyperparameter,
    ] = Field(default_factory=dict, description="Laid over those of model.yaml")
    canary_percent: int | None = Field(None, ge=1, le=50)
    version: Number | None = Field(None, description="The version to score with")
    tag: Annotated[str, Field(pattern=_PRINTABLE, max_length=60)] | None = None


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


class RunPageAsked(ModelPageAsked):
    """A part of the runs."""


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

    token: Annotated[str, Field(pattern=r"^([0-9]{1,15}\.[0-9]{1,9})?$")] = Field(
        "", description="A `next_token`; empty: from the first line"
    )


class VersionPageAsked(ModelPageAsked):
    """A part of the versions."""


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


class CollectionAsked(Asked):
    """What nothing needs any more, of one model or of all."""

    model: ModelName | None = None
    keep: int = Field(
        KEEP, ge=0, le=1000, description="The last versions that are kept"
    )
    apply: bool = Field(default=False, description="Delete; else only look")


class ExplainAsked(ModelNamed):
    """What a model's payloads would be."""

    step: StepName | None = None


class OverridesAsked(ModelNamed):
    """What is set over a model's files."""

    history: Literal["now", "all"] = "now"


class OverrideNamed(ModelNamed):
    """A value that is set over a model's files, to be taken back."""

    key: ConfigKey
    reason: Reason


class OverrideAsked(OverrideNamed):
    """A value to be set over a model's files."""

    value: Annotated[str, Field(pattern=_PRINTABLE, min_length=1, max_length=4000)]
    expires_at: Moment = Field(description="When it ends by itself, within 366 days")


class EndpointNamed(Asked):
    """An endpoint."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,63}$")]


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
