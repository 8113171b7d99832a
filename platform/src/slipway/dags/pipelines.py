"""The pipelines that are scheduled, and the steps of each, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from slipway.spec.model import Approver

Mode = Literal["endpoint", "batch"]


@dataclass(frozen=True)
class StepRow:
    """A task of a pipeline."""

    #: The task's id; of a step, also what the controller calls it.
    name: str
    #: The task group that it is shown in; empty: none.
    group: str
    #: What it does, for whoever has to look at it at night.
    doc: str
    #: The class of `slipway_airflow` or Airflow that does it.
    operator: str = "Step"
    #: The modes of models that have it.
    modes: tuple[Mode, ...] = ("endpoint", "batch")
    #: Who lets the versions serve of models that have it.
    approvers: tuple[Approver, ...] = ("gates", "person")
    #: The field of the spec with how long it may take, as a path; empty: as any task.
    timeout: tuple[str, ...] = ()
    #: What is there when it has succeeded, as the last part of an asset's address.
    asset: str = ""


@dataclass(frozen=True)
class PipelineRow:
    """A pipeline: one DAG per model."""

    name: str
    #: What it does with `{model}`, in one sentence.
    doc: str
    steps: tuple[StepRow, ...]
    #: The field of the spec with its cron schedule, as a path.
    schedule: tuple[str, ...]
    #: Without a schedule: the asset that each run follows, by the model's mode.
    follows: Mapping[Mode, str] = field(default_factory=dict)
    #: The modes of models that have it without a schedule too.
    modes: tuple[Mode, ...] = ("endpoint", "batch")
    #: The factory of its params in `slipway_airflow.params`; empty: it has none.
    params: str = ""


VERSION = "version"
SCORES = "scores"

OPEN_RUN = StepRow(
    "open_run",
    "",
    "Opens the controller's run: every parameter is frozen here, once.",
    operator="OpenRun",
)
EXTRACT = StepRow("extract", "data", "Runs extract.sql in the warehouse.")
QUALITY = StepRow("quality", "data", "Checks the extract against the expectations.")
REGISTER = StepRow(
    "register",
    "model",
    "Gives the artifact its version, with its lineage.",
    approvers=("gates",),
    asset=VERSION,
)
APPROVAL = StepRow(
    "approval",
    "serving",
    "Waits until a person approves the version; ends skipped when it is refused.",
    operator="Approval",
    approvers=("person",),
    timeout=("dag", "approval_timeout"),
    asset=VERSION,
)

TRAINING = PipelineRow(
    name="training",
    doc="Takes {model} from its SQL script to a version that serves.",
    schedule=("schedule",),
    params="training_params",
    steps=(
        OPEN_RUN,
        EXTRACT,
        QUALITY,
        StepRow("preprocess", "data", "Makes features, and divides the rows."),
        StepRow("train", "model", "Trains in the model's image."),
        StepRow("evaluate", "model", "Measures the gates on the test rows."),
        REGISTER,
        replace(REGISTER, approvers=("person",), asset=""),
        APPROVAL,
        StepRow(
            "deploy",
            "serving",
            "Replaces the endpoint, and verifies what it answers.",
            modes=("endpoint",),
        ),
    ),
)

SCORING = PipelineRow(
    name="scoring",
    doc="Scores every row of a date with a version of {model}, and publishes it.",
    schedule=("dag", "scoring_schedule"),
    follows={"batch": VERSION},
    modes=("batch",),
    params="scoring_params",
    steps=(
        OPEN_RUN,
        EXTRACT,
        QUALITY,
        StepRow("preprocess", "scores", "Makes the features of the rows to score."),
        StepRow("transform", "scores", "Has a batch transform job answer each row."),
        StepRow(
            "publish",
            "scores",
            "Puts each prediction beside its key, its version and a transaction id.",
            asset=SCORES,
        ),
    ),
)

MONITORING = PipelineRow(
    name="monitoring",
    doc="Watches {model} where it serves; it measures nothing yet.",
    schedule=("dag", "monitoring_schedule"),
    follows={"endpoint": VERSION, "batch": SCORES},
    steps=(
        StepRow(
            "monitor",
            "",
            "Holds the place of the measurements of drift and degradation.",
            operator="EmptyOperator",
        ),
    ),
)

PIPELINES = (TRAINING, SCORING, MONITORING)
