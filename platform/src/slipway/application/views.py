"""What is answered of each row: the same to a command and to a caller of the API."""

import datetime as dt
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, computed_field

from slipway.controller.states import CHARTS


class View(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


Item = TypeVar("Item", bound=View)


class Page(View, Generic[Item]):
    """A part of a list, and where the next one begins."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="null: this is the last page")


class OperationView(View):
    """One call chain on one SageMaker resource."""

    id: int
    run_id: str
    key: str
    generation: int
    resource: str
    call: str
    name: str
    state: str
    reason: str
    observed: str = Field(description="The last status that SageMaker told")
    arn: str
    attempts: int = Field(description="How often its call failed in a row")
    due_at: dt.datetime | None = Field(description="When it is looked at next")
    created_at: dt.datetime
    changed_at: dt.datetime


class OperationLineView(OperationView):
    """An operation, as a list shows it."""

    model: str


class StepView(View):
    """A step of a run."""

    run_id: str
    name: str
    state: str
    outcome: str = Field(
        description="As `state`, or `cached`: equal outputs were there"
    )
    reason: str
    retryable: bool = Field(description="Whether the same may go well later")
    ended: bool
    attempt: int = Field(description="The try asked for last; 0: a command takes it")
    outputs: dict[str, Any]
    seconds: float
    operation: OperationView | None
    links: dict[str, str]


class RunView(View):
    """A run, with the parameters that were frozen when it was opened."""

    run_id: str
    key: str | None
    model: str
    environment: str
    pipeline: str
    state: str
    reason: str
    run_date: dt.date
    parameters: dict[str, Any]
    steps: list[StepView]
    created_at: dt.datetime
    changed_at: dt.datetime


class LogEvent(View):
    """A line that a job wrote."""

    timestamp: int = Field(description="Milliseconds since 1970")
    message: str


class LogView(View):
    """What a step's job wrote, and where to go on reading; no line: that was all."""

    events: list[LogEvent]
    next_token: str


class VersionView(View):
    """A model version, with its lineage."""

    model: str
    environment: str
    version: int
    state: str
    reason: str
    run_id: str
    artifact_digest: str
    artifact_uri: str
    image_uri: str
    image_digest: str = Field(
        description="What the image was when it was registered; empty: not known"
    )
    metrics: dict[str, Any]
    lineage: dict[str, Any]
    created_at: dt.datetime
    changed_at: dt.datetime


class ModelView(View):
    """A model folder, and what serves of it."""

    model: str
    owner: str
    description: str
    mode: str
    champion: int | None = Field(description="The version that serves; null: none")
    versions: int
    error: str = Field(description="Why model.yaml cannot be read; empty: it can")


class StatusView(View):
    """How a model is: what serves, its versions, its last runs."""

    model: str
    endpoint: dict[str, Any]
    drift: dict[str, Any] | None = Field(
        description="What the last look found wrong; null: nothing"
    )
    live_version: int | None
    moved_by: dict[str, Any] | None = Field(description="null: nobody moves it")
    versions: list[dict[str, Any]]
    runs: list[dict[str, Any]]


class FieldView(View):
    """A field of a payload, and who set it."""

    field: str
    value: Any
    source: dict[str, Any]


class PayloadView(View):
    """What SageMaker would be sent."""

    step: str
    operation: str
    fields: list[FieldView]


class OverrideView(View):
    """A value that is set over a model's files."""

    id: int
    model: str
    environment: str
    key: str
    value: Any
    state: str
    actor: str
    reason: str
    set_at: dt.datetime
    expires_at: str
    ended: str = Field(description="Why it counts no more; empty: it does")


class ReconcileView(View):
    """What one look at everything under way did and found."""

    moved: int = Field(description="Operations that were looked at")
    ended: list[dict[str, str]]
    skipped: list[str] = Field(description="Models that somebody else moves")
    findings: list[dict[str, Any]]
    next_in_seconds: float = Field(description="When something is due again")


class LeftoverView(View):
    """Something that was left behind."""

    model: str
    kind: str
    name: str
    bytes: int | None
    kept: str = Field(description="Why it is kept; empty: nothing needs it")
    deleted: bool


class CollectionView(View):
    """What was judged, and deleted if that was asked for."""

    applied: bool
    items: list[LeftoverView]
    skipped: list[str] = Field(description="Models that somebody else moves")
    next_cursor: str | None = Field(None, description="null: that was all")


class DeploymentView(View):
    """A change that made a version serve."""

    id: int
    model: str
    environment: str
    run_id: str
    endpoint_name: str
    version: int
    endpoint_config_name: str
    previous_config_name: str
    kind: str = Field(
        description="`deploy`: a run's; `promote`, `rollback`: a person's"
    )
    state: str
    reason: str
    policy: dict[str, Any] = Field(description="How the traffic shifts, and the alarms")
    progress: dict[str, Any] = Field(description="The share, and what alarms said last")
    decision: str = Field(description="What a person said of it; empty: nothing")
    decision_reason: str
    asked: bool = Field(description="Whether a worker carries it out")
    created_at: dt.datetime
    changed_at: dt.datetime

    @computed_field  # type: ignore[prop-decorator]  # mypy 1.x does not know the pair
    @property
    def ended(self) -> bool:
        """Whether nobody carries it out any more."""
        unfinished = self.state in CHARTS["deployment"].unfinished
        return not unfinished or (self.state == "stuck" and not self.asked)


class EndpointView(View):
    """An endpoint as it should be, and as it was last seen."""

    name: str
    model: str
    environment: str
    state: str
    reason: str
    desired_config_name: str
    desired_version: int
    observed_status: str
    observed_config_name: str
    observed_at: dt.datetime | None
    arn: str = Field(
        description="With `made_at` it is known again; empty: not looked at"
    )
    made_at: dt.datetime | None = Field(description="When SageMaker made it")
    capacity: dict[str, Any] = Field(
        description="Each variant's weight and instances, as a deployment left them"
    )
    changed_at: dt.datetime


class TokenView(View):
    """A bearer token; its secret is shown once, when it is made."""

    name: str
    role: str
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    secret: str | None = None
