"""The state machines, as data: what may happen to a row, and who makes it happen."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Arrow:
    """A trigger that takes a row from one of `sources` to `target`."""

    trigger: str
    sources: tuple[str, ...]
    target: str
    #: Who fires it, and when.
    when: str


@dataclass(frozen=True)
class Chart:
    """The states of one kind of row, and the arrows between them."""

    #: The table whose rows it rules.
    kind: str
    initial: str
    states: tuple[str, ...]
    arrows: tuple[Arrow, ...]


RUN = Chart(
    kind="run",
    initial="running",
    states=("running", "succeeded", "failed", "rejected", "stopped"),
    arrows=(
        Arrow("succeed", ("running",), "succeeded", "its last step succeeded"),
        Arrow("fail", ("running",), "failed", "a step failed"),
        Arrow("reject", ("running",), "rejected", "the data or a metric missed a gate"),
        Arrow("stop", ("running",), "stopped", "the user interrupted it"),
        Arrow(
            "resume",
            ("succeeded", "failed", "rejected", "stopped"),
            "running",
            "the same command was given again",
        ),
    ),
)

STEP = Chart(
    kind="step",
    initial="running",
    states=("running", "succeeded", "failed", "rejected", "stopped"),
    arrows=(
        Arrow("succeed", ("running",), "succeeded", "its outputs are in S3"),
        Arrow("fail", ("running",), "failed", "its job or its own work failed"),
        Arrow("reject", ("running",), "rejected", "what it checks missed a gate"),
        Arrow("stop", ("running",), "stopped", "the user interrupted the run"),
        Arrow(
            "retry",
            ("succeeded", "failed", "rejected", "stopped"),
            "running",
            "its run was resumed, and its outputs are not there",
        ),
    ),
)

OPERATION = Chart(
    kind="operation",
    initial="intended",
    states=("intended", "submitted", "succeeded", "failed", "stopped", "conflict"),
    arrows=(
        Arrow("submit", ("intended",), "submitted", "SageMaker accepted the call"),
        Arrow("adopt", ("intended",), "submitted", "the resource was there, and ours"),
        Arrow("clash", ("intended",), "conflict", "the resource was there, not ours"),
        Arrow("refuse", ("intended",), "failed", "SageMaker refused the call for good"),
        Arrow("succeed", ("submitted",), "succeeded", "SageMaker said so"),
        Arrow("fail", ("submitted",), "failed", "SageMaker said so, or it is gone"),
        Arrow("stop", ("submitted",), "stopped", "SageMaker said Stopped"),
        Arrow("cancel", ("intended",), "stopped", "the run was interrupted before it"),
    ),
)

MODEL_VERSION = Chart(
    kind="model_version",
    initial="approved",
    states=("approved", "live", "superseded"),
    arrows=(
        Arrow(
            "promote", ("approved", "superseded"), "live", "its rollout was verified"
        ),
        Arrow("supersede", ("live",), "superseded", "another version went live"),
    ),
)

DEPLOYMENT = Chart(
    kind="deployment",
    initial="planned",
    states=("planned", "updating", "verifying", "succeeded", "failed", "rolled_back"),
    arrows=(
        Arrow("update", ("planned",), "updating", "the endpoint is to change"),
        Arrow("verify", ("updating",), "verifying", "the endpoint is InService again"),
        Arrow("succeed", ("verifying",), "succeeded", "the new version answered"),
        Arrow(
            "roll_back",
            ("updating", "verifying"),
            "rolled_back",
            "the endpoint serves the previous config again",
        ),
        Arrow(
            "fail",
            ("planned", "updating", "verifying"),
            "failed",
            "it could not be made, and nothing served before",
        ),
    ),
)

#: By the name of the table that each one rules.
CHARTS = {
    chart.kind: chart for chart in (RUN, STEP, OPERATION, MODEL_VERSION, DEPLOYMENT)
}
